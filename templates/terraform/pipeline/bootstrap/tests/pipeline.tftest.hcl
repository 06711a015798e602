# Without AWS: what a pipeline's roles may do. `terraform test` runs it.

mock_provider "aws" {
  source = "../tests/mocks"
}

run "a_pull_request_reads_only" {
  command = plan

  variables {
    permissions_boundary = "arn:aws:iam::123456789012:policy/bounds"
  }

  assert {
    condition     = tolist([for one in local.attachments : one.policy if one.role == "planner"]) == tolist(["read"])
    error_message = "Nobody has reviewed the code of a pull request yet."
  }

  assert {
    condition     = toset([for one in local.attachments : one.policy if one.role == "deployer"]) == toset(keys(local.permissions))
    error_message = "The deployer must have what an apply needs."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.this : role.permissions_boundary == "arn:aws:iam::123456789012:policy/bounds"])
    error_message = "Both roles must have the boundary."
  }
}
