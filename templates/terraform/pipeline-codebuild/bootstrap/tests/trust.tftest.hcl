# Without AWS: who may take the pipeline's roles. `terraform test` runs it.

mock_provider "aws" {
  source = "../tests/mocks"
}

run "each_role_has_its_project" {
  command = plan

  assert {
    condition     = { for role, trust in data.aws_iam_policy_document.trust : role => one(one(trust.statement[0].condition).values) } == { for role, build in { deployer = "release", planner = "check" } : role => "arn:aws:codebuild:${var.region}:123456789012:project/${var.name}-${build}" }
    error_message = "No other project of the account may take the role."
  }
}
