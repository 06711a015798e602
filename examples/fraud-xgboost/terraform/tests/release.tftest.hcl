# Without AWS: what exists before, and after, an image and a model are released. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

# The rest of the values is that of terraform.tfvars.
variables {
  name               = "pricing"
  repository_name    = "pricing"
  bucket_prefix      = "pricing"
  role_prefix        = "pricing"
  region             = "eu-west-1"
  region_code        = "euw1"
  kms                = "aws"
  log_retention_days = 30
  image_digest       = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
  model_key          = "models/1/model.tar.gz"
}

run "nothing_is_deployed_before_a_release" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    image_digest = null
    model_key    = null
  }

  assert {
    condition     = output.endpoint_arn == null && output.image_uri == null && length(aws_cloudwatch_metric_alarm.this) == 0
    error_message = "There must be no endpoint without an image and a model."
  }

  assert {
    condition     = local.bucket == "pricing-euw1-123456789012" && output.log_group == "/aws/sagemaker/Endpoints/pricing"
    error_message = "The bucket and the log group must exist before the first release."
  }
}

run "an_image_alone_is_no_release" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    model_key = null
  }

  assert {
    condition     = output.endpoint_arn == null && output.image_uri == null
    error_message = "There must be no endpoint without a model."
  }
}

run "a_release_is_deployed_by_digest" {
  module {
    source = "./modules/region"
  }

  assert {
    condition     = output.endpoint_arn != null
    error_message = "An image and a model must make an endpoint."
  }

  assert {
    condition     = output.image_uri == "123456789012.dkr.ecr.eu-west-1.amazonaws.com/pricing@sha256:1111111111111111111111111111111111111111111111111111111111111111"
    error_message = "The image must be named by its digest."
  }

  assert {
    condition     = startswith(module.configuration.name, "pricing-") && length(module.configuration.name) <= 63
    error_message = "The configuration's name must start with the endpoint's, and SageMaker takes 63 characters."
  }

  assert {
    condition     = alltrue([for key in ["errors", "latency"] : aws_cloudwatch_metric_alarm.this[key].dimensions.EndpointConfigName == module.configuration.name])
    error_message = "The alarms must watch the configuration that is rolled out."
  }
}
