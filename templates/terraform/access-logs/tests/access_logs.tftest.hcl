# Without AWS: who asked the model bucket for what. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "they_go_where_s3_may_write" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code = "euw1"
  }

  assert {
    condition     = aws_s3_bucket_logging.this.target_prefix == "access/" && data.aws_iam_policy_document.access_logs.statement[0].resources == toset(["arn:aws:s3:::${local.log_bucket}/access/*"])
    error_message = "S3 must be let write where it is told to."
  }
}
