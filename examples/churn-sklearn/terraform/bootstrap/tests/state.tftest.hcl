# Without AWS: the stack of terraform.tfvars, planned, and the bucket of the state. `terraform test` runs it.

mock_provider "aws" {
  source = "../tests/mocks"
}

run "the_state_has_a_bucket_of_its_own" {
  command = plan

  variables {
    bucket_prefix = "a-prefix-of-forty-two-characters-123456789"
  }

  assert {
    condition     = length(local.state_bucket) <= 63 && local.state_bucket == "a-prefix-of-forty-two-characters-1234-${local.region_code}-state-123456789012"
    error_message = "S3 takes names of 63 characters."
  }
}
