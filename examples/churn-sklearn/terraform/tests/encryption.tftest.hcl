# Without AWS: encryption at rest, in each of the three ways. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

# All of them, so that nothing here depends on the values in terraform.tfvars.
variables {
  name                                 = "pricing"
  repository_name                      = "pricing"
  bucket_prefix                        = "pricing-euw1"
  role_name                            = "pricing-euw1-execution"
  region                               = "eu-west-1"
  tags                                 = {}
  kms                                  = "aws"
  instance_type                        = "ml.m5.xlarge"
  instance_count                       = 2
  volume_size_gib                      = null
  environment                          = { MODE = "on" }
  startup_health_check_timeout_seconds = 300
  model_download_timeout_seconds       = 600
  log_retention_days                   = 30
  image_digest                         = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
  model_data_url                       = "s3://pricing-euw1-123456789012/models/1/model.tar.gz"
}

run "a_key_of_the_stack" {
  variables {
    kms = "managed"
  }

  assert {
    condition     = one(aws_kms_key.this[*].enable_key_rotation)
    error_message = "kms = \"managed\" must make a key that rotates."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.kms_key_id == one(aws_kms_key.this[*].arn)
    error_message = "The key must encrypt the logs."
  }
}

run "keys_that_aws_owns" {
  assert {
    condition     = length(aws_kms_key.this) == 0 && aws_cloudwatch_log_group.this.kms_key_id == null
    error_message = "kms = \"aws\" must neither make nor use a key."
  }
}

run "a_key_that_exists" {
  variables {
    kms = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  assert {
    condition     = length(aws_kms_key.this) == 0 && aws_cloudwatch_log_group.this.kms_key_id == var.kms
    error_message = "The ARN of a key must be used as it is."
  }
}
