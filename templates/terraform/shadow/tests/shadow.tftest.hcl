# Without AWS: a variant that answers copies. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "a_share_of_the_requests_is_copied" {
  module {
    source = "./modules/region"
  }

  variables {
    region_code          = "euw1"
    image_digest         = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    model_key            = "models/1/model.tar.gz"
    shadow_instance_type = "ml.m5.2xlarge"
    shadow_percent       = 20
    candidates           = { shadow = { model_key = "models/2/model.tar.gz" } }
  }

  assert {
    condition     = one(local.shadows).weight == 20 && one(local.shadows).instance_type == "ml.m5.2xlarge" && one(local.shadows).instance_count == var.instance_count
    error_message = "The shadow must get this share, on as many machines as serve."
  }

  assert {
    condition     = local.primary.weight == 100
    error_message = "The shadow must take no traffic."
  }

  assert {
    condition     = local.candidates["shadow"].model_data_url == "s3://pricing-euw1-123456789012/models/2/model.tar.gz"
    error_message = "The shadow must serve the candidate."
  }
}

run "values_that_sagemaker_refuses" {
  command = plan

  variables {
    shadow_instance_type = "m5.2xlarge"
    shadow_percent       = 0
  }

  expect_failures = [var.shadow_instance_type, var.shadow_percent]
}
