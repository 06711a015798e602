# Without AWS: requests and answers that are kept. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "what_is_kept_is_encrypted" {
  command = plan

  module {
    source = "./modules/configuration"
  }

  variables {
    name     = "pricing"
    released = true
    variants = [
      { name = "primary", model = "pricing-1", instance_type = "ml.m5.xlarge", instance_count = 1, volume_size_gib = null, weight = 100 },
    ]
    shadows                  = []
    inference_ami_version    = null
    async                    = null
    capture                  = { percent = 50, destination = "s3://pricing/capture/" }
    rollout                  = { strategy = "all-at-once", step_percent = 10, wait_seconds = 300, rollback = true }
    startup_timeout_seconds  = 300
    download_timeout_seconds = 600
    kms_key                  = { arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
  }

  assert {
    condition     = one(aws_sagemaker_endpoint_configuration.this[0].data_capture_config).kms_key_id == var.kms_key.arn
    error_message = "What is kept must be encrypted with the key."
  }

  assert {
    condition     = toset([for option in one(aws_sagemaker_endpoint_configuration.this[0].data_capture_config).capture_options : option.capture_mode]) == toset(["Input", "Output"])
    error_message = "Requests and answers must be kept."
  }
}

run "and_deleted_in_time" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code            = "euw1"
    capture_percent        = 50
    capture_retention_days = 7
  }

  assert {
    condition     = local.capture == { percent = 50, destination = "s3://${local.bucket}/capture/" } && local.expirations["capture/"] == 7
    error_message = "The folder that is written to must be the one that is emptied."
  }
}

run "values_that_aws_refuses" {
  command = plan

  variables {
    capture_percent        = 101
    capture_retention_days = 0
  }

  expect_failures = [var.capture_percent, var.capture_retention_days]
}
