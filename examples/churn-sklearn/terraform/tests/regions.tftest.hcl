# Without AWS: every region has the same stack under names of its own. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "every_region_has_its_own" {
  assert {
    condition     = length(distinct([for region in output.regions : region.region])) == length(output.regions)
    error_message = "Each region must be itself."
  }

  assert {
    condition     = output.regions[var.region].bucket == output.bucket && output.regions[var.region].role_arn == output.role_arn
    error_message = "The default region must be among them."
  }
}
