# Without AWS: the whole stack of terraform.tfvars with a release, planned; every region has its own under names of its own.
# `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "every_region_has_its_own" {
  command = plan

  variables {
    image_digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    model_key    = "models/1/model.tar.gz"
  }

  assert {
    condition     = alltrue([for name, region in output.regions : region.region == name]) && length(distinct([for region in output.regions : region.region_code])) == length(output.regions)
    error_message = "Each region must be itself."
  }

  assert {
    condition     = output.regions[var.region].region == output.region && output.regions[var.region].log_group == output.log_group
    error_message = "The default region must be among them."
  }
}
