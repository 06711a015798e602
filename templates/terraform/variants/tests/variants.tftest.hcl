# Without AWS: variants that share the traffic. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "primary_has_the_rest" {
  module {
    source = "./modules/region"
  }

  variables {
    region_code  = "euw1"
    image_digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    model_key    = "models/1/model.tar.gz"
    variants = {
      b = { percent = 10, instance_type = "ml.m5.xlarge", instance_count = 1 }
      c = { percent = 5, instance_type = "ml.m5.2xlarge", instance_count = 2 }
    }
    candidates = { b = { model_key = "models/2/model.tar.gz" } }
  }

  assert {
    condition     = local.primary.weight == 85 && { for one in local.variants : one.name => one.weight } == { b = 10, c = 5 }
    error_message = "The shares of all variants must be those of the manifest."
  }

  assert {
    condition     = local.candidates["b"].model_data_url == "s3://pricing-euw1-123456789012/models/2/model.tar.gz" && local.candidates["b"].image == local.release.image
    error_message = "A candidate's model must take the place of the release's, and its image stay."
  }

  assert {
    condition     = local.candidates["c"] == local.release
    error_message = "A variant without a candidate must serve the release."
  }
}

run "shares_that_leave_primary_none_and_candidates_that_are_none" {
  command = plan

  variables {
    variants = {
      b = { percent = 60, instance_type = "ml.m5.xlarge", instance_count = 1 }
      c = { percent = 40, instance_type = "ml.m5.xlarge", instance_count = 1 }
    }
    candidates = { b = { image_digest = "latest", model_key = "other/1/model.tar.gz" } }
  }

  expect_failures = [var.variants, var.candidates]
}
