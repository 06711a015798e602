# Without AWS: models that S3 copies. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "copies_have_the_key_of_their_bucket" {
  command = plan

  module {
    source = "./modules/replication"
  }

  variables {
    name         = "pricing-euw1-replication"
    bucket       = "pricing-euw1"
    bucket_arn   = "arn:aws:s3:::pricing-euw1"
    model_prefix = "models/"
    boundary     = null
    kms_key      = { arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
    destinations = {
      us-east-1  = { bucket_arn = "arn:aws:s3:::pricing-use1", kms_key = { arn = "arn:aws:kms:us-east-1:123456789012:key/1" } }
      eu-north-1 = { bucket_arn = "arn:aws:s3:::pricing-eun1", kms_key = { arn = "arn:aws:kms:eu-north-1:123456789012:key/2" } }
    }
  }

  assert {
    condition     = [for rule in aws_s3_bucket_replication_configuration.this.rule : one(one(rule.destination).encryption_configuration).replica_kms_key_id] == [var.destinations["eu-north-1"].kms_key.arn, var.destinations["us-east-1"].kms_key.arn]
    error_message = "A copy must be encrypted with the key of the bucket that it goes to."
  }

  assert {
    condition     = alltrue([for rule in aws_s3_bucket_replication_configuration.this.rule : one(one(one(rule.source_selection_criteria).sse_kms_encrypted_objects)[*]).status == "Enabled"]) && length(distinct(aws_s3_bucket_replication_configuration.this.rule[*].priority)) == 2
    error_message = "Encrypted models must be copied too, and S3 wants a priority for each rule."
  }
}

run "without_a_key_there_is_none_to_name" {
  command = plan

  module {
    source = "./modules/replication"
  }

  variables {
    name         = "pricing-euw1-replication"
    bucket       = "pricing-euw1"
    bucket_arn   = "arn:aws:s3:::pricing-euw1"
    model_prefix = "models/"
    boundary     = null
    kms_key      = null
    destinations = { us-east-1 = { bucket_arn = "arn:aws:s3:::pricing-use1" } }
  }

  assert {
    condition     = length(one(aws_s3_bucket_replication_configuration.this.rule).source_selection_criteria) + length(one(one(aws_s3_bucket_replication_configuration.this.rule).destination).encryption_configuration) == 0
    error_message = "Keys that AWS owns cannot be named."
  }
}
