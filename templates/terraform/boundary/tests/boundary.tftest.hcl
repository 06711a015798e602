# Without AWS: the boundary of every role. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "roles_are_bounded" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code          = "euw1"
    permissions_boundary = "arn:aws:iam::123456789012:policy/bounds"
  }

  assert {
    condition     = output.boundary == "arn:aws:iam::123456789012:policy/bounds"
    error_message = "Every role must have the boundary."
  }
}

run "a_boundary_that_is_no_policy" {
  command = plan

  variables {
    permissions_boundary = "arn:aws:iam::123456789012:role/bounds"
  }

  expect_failures = [var.permissions_boundary]
}
