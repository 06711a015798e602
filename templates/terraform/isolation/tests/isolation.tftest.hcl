# Without AWS: containers without a network. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "the_model_is_cut_off" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code = "euw1"
  }

  assert {
    condition     = local.network.isolation
    error_message = "The model must be told."
  }
}
