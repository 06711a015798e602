# Without AWS: the bucket of the models. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "objects_have_the_key_and_go_in_time" {
  command = plan

  module {
    source = "./modules/s3"
  }

  variables {
    name        = "pricing"
    kms_key     = { arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
    expirations = { "capture/" = 7 }
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).kms_master_key_id == var.kms_key.arn
    error_message = "Objects must be encrypted with the key."
  }

  assert {
    condition     = tolist([for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.expiration[0].days if rule.id == "delete-capture"]) == tolist([7])
    error_message = "A folder's objects must be deleted after its days."
  }
}

run "without_a_key_s3_encrypts_them" {
  command = plan

  module {
    source = "./modules/s3"
  }

  variables {
    name    = "pricing"
    kms_key = null
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "Objects must be encrypted in any case."
  }

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this.rule) == 1 && !aws_s3_bucket.this.force_destroy
    error_message = "Models must stay until somebody deletes them."
  }
}
