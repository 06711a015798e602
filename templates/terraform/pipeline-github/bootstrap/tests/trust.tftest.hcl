# Without AWS: who may take the pipeline's roles. `terraform test` runs it.

mock_provider "aws" {
  source = "../tests/mocks"
}

run "one_branch_deploys_and_pull_requests_read" {
  command = plan

  variables {
    repository      = "acme/churn"
    deployed_from   = "ref:refs/heads/main"
    github_is_known = true
  }

  assert {
    condition     = one([for one in data.aws_iam_policy_document.trust["deployer"].statement[0].condition : one(one.values) if endswith(one.variable, ":sub")]) == "repo:acme/churn:ref:refs/heads/main"
    error_message = "Only this branch of this repository may deploy."
  }

  assert {
    condition     = one([for one in data.aws_iam_policy_document.trust["planner"].statement[0].condition : one(one.values) if endswith(one.variable, ":sub")]) == "repo:acme/churn:pull_request"
    error_message = "Only this repository's pull requests may read."
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.this) == 0
    error_message = "An account has one provider for GitHub's tokens."
  }
}

run "patterns_that_would_let_others_deploy" {
  command = plan

  variables {
    repository    = "acme/*"
    deployed_from = "ref:refs/heads/*"
  }

  expect_failures = [var.repository, var.deployed_from]
}
