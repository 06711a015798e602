# Without AWS: what is kept warm, and follows its use. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "the_use_of_what_is_warm_is_followed" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code    = "euw1"
    image_digest   = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    model_key      = "models/1/model.tar.gz"
    scaling_target = 0.5
  }

  assert {
    condition     = module.scaling.tracking == { metric = "SageMakerVariantProvisionedConcurrencyUtilization", target = 0.5 }
    error_message = "The share that is in use must be followed."
  }

  assert {
    condition     = module.scaling.target.dimension == "sagemaker:variant:DesiredProvisionedConcurrency" && module.scaling.target.resource_id == "endpoint/${var.name}/variant/primary"
    error_message = "What is kept warm must follow it: there are no machines to count."
  }
}

run "a_share_that_is_none" {
  command = plan

  variables {
    scaling_target = 70 # percent
  }

  expect_failures = [var.scaling_target]
}
