# Without AWS: the bucket that others write logs to. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "it_is_one_of_its_own_and_says_who_may_write" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code   = "apse1"
    bucket_prefix = "a-prefix-of-forty-two-characters-123456789"
  }

  assert {
    condition     = length(local.log_bucket) <= 63 && local.log_bucket != local.bucket
    error_message = "Logs must not be in the bucket that they are about, and S3 takes names of 63 characters."
  }

  assert {
    condition     = length(local.log_policies) > 0
    error_message = "A bucket that nobody may write to has no logs."
  }
}

run "logs_go_in_time_and_with_their_stack" {
  command = plan

  module {
    source = "./modules/s3"
  }

  variables {
    name        = "pricing-euw1-logs"
    kms_key     = null
    expire_days = 365
    disposable  = true
  }

  assert {
    condition     = one(one([for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule if rule.id == "leftovers"]).expiration).days == 365 && aws_s3_bucket.this.force_destroy
    error_message = "Logs must be deleted after their days, and must not keep a stack from being destroyed."
  }
}
