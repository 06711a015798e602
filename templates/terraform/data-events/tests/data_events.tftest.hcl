# Without AWS: who read or wrote which model. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "the_trail_is_encrypted_and_signed" {
  command = plan

  module {
    source = "./modules/trail"
  }

  variables {
    name       = "pricing-euw1-models"
    log_bucket = "pricing-euw1-logs"
    bucket_arn = "arn:aws:s3:::pricing"
    kms_key    = { arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
  }

  assert {
    condition     = aws_cloudtrail.this.kms_key_id == var.kms_key.arn && aws_cloudtrail.this.enable_log_file_validation
    error_message = "Files must be encrypted with the key, and signed."
  }

  assert {
    condition     = [for field in one(aws_cloudtrail.this.advanced_event_selector).field_selector : field.starts_with if field.field == "resources.ARN"] == [tolist(["${var.bucket_arn}/"])]
    error_message = "It must watch this bucket only: every event is charged."
  }
}
