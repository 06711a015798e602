# Without AWS: encryption at rest, in each of the three ways. `terraform test` runs it.

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

run "a_key_of_the_stack" {
  module {
    source = "./modules/region"
  }

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
  command = plan

  module {
    source = "./modules/region"
  }

  assert {
    condition     = length(aws_kms_key.this) == 0 && aws_cloudwatch_log_group.this.kms_key_id == null
    error_message = "kms = \"aws\" must neither make nor use a key."
  }
}

run "a_key_that_exists" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    kms = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  assert {
    condition     = length(aws_kms_key.this) == 0 && aws_cloudwatch_log_group.this.kms_key_id == var.kms
    error_message = "The ARN of a key must be used as it is."
  }
}
