# Without AWS: who asked the model bucket for what. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "they_go_to_a_bucket_of_their_own" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code   = "apse1"
    bucket_prefix = "a-prefix-of-forty-two-characters-123456789"
  }

  assert {
    condition     = aws_s3_bucket_logging.this.target_prefix == "access/" && length(local.log_bucket) <= 63 && local.log_bucket != local.bucket
    error_message = "Logs must not be in the bucket that they are about, and S3 takes names of 63 characters."
  }
}

run "its_policy_lets_s3_write_there" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code = "euw1"
  }

  assert {
    condition     = data.aws_iam_policy_document.access_logs.statement[0].resources == toset(["arn:aws:s3:::${local.log_bucket}/access/*"])
    error_message = "S3 must be let write where it is told to."
  }
}
