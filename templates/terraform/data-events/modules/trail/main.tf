# Data events of one bucket.

resource "aws_cloudtrail" "this" {
  #checkov:skip=CKV_AWS_67:it is about one bucket, which is in one region
  #checkov:skip=CKV_AWS_252:CloudTrail writes a file every few minutes; nobody is to be told of each
  #checkov:skip=CKV_AWS_35:with kms = "aws" the files are encrypted with SSE-S3, as asked for
  #checkov:skip=CKV2_AWS_10:the files are read when there is a reason to; a copy in CloudWatch Logs would be paid for twice
  name                          = var.name
  s3_bucket_name                = var.log_bucket
  kms_key_id                    = one(var.kms_key[*].arn)
  enable_log_file_validation    = true
  include_global_service_events = false

  advanced_event_selector {
    name = "Objects of the model bucket"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }

    field_selector {
      field       = "resources.ARN"
      starts_with = ["${var.bucket_arn}/"]
    }
  }
}
