# Without AWS: an endpoint without machines. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "a_container_of_that_size" {
  command = plan

  module {
    source = "./modules/configuration"
  }

  variables {
    name                    = "pricing"
    model                   = { name = "pricing-1" }
    memory_mib              = 2048
    max_concurrency         = 20
    provisioned_concurrency = 0
  }

  assert {
    condition     = aws_sagemaker_endpoint_configuration.this[0].production_variants[0].serverless_config[0].memory_size_in_mb == 2048 && aws_sagemaker_endpoint_configuration.this[0].production_variants[0].serverless_config[0].max_concurrency == 20
    error_message = "The memory and the limit of the manifest must be SageMaker's."
  }

  assert {
    condition     = aws_sagemaker_endpoint_configuration.this[0].production_variants[0].serverless_config[0].provisioned_concurrency == null
    error_message = "Without a container that is kept warm SageMaker wants none, not 0."
  }
}

run "more_kept_warm_than_may_run" {
  command = plan

  module {
    source = "./modules/configuration"
  }

  variables {
    name                    = "pricing"
    model                   = { name = "pricing-1" }
    memory_mib              = 2048
    max_concurrency         = 20
    provisioned_concurrency = 21
  }

  expect_failures = [aws_sagemaker_endpoint_configuration.this]
}

run "nothing_is_deployed_before_a_release" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code  = "euw1"
    image_digest = null
    model_key    = null
  }

  assert {
    condition     = output.endpoint_arn == null && output.image_uri == null
    error_message = "There must be no endpoint without an image and a model."
  }
}

run "values_that_sagemaker_refuses" {
  command = plan

  variables {
    memory_mib              = 1536
    max_concurrency         = 20
    provisioned_concurrency = 21
  }

  expect_failures = [var.memory_mib, var.provisioned_concurrency]
}

run "more_at_one_time_than_sagemaker_takes" {
  command = plan

  variables {
    max_concurrency         = 201
    provisioned_concurrency = 0
  }

  expect_failures = [var.max_concurrency]
}
