# Every request to the model bucket, as S3 writes it down: best effort, a few hours later.

resource "aws_s3_bucket_logging" "this" {
  bucket        = module.s3.name
  target_bucket = module.log_bucket.name
  target_prefix = "access/"

  depends_on = [module.log_bucket] # its policy lets S3 write
}

data "aws_iam_policy_document" "access_logs" {
  statement {
    sid       = "AccessLogs"
    actions   = ["s3:PutObject"]
    resources = ["arn:${local.partition}:s3:::${local.log_bucket}/access/*"]

    principals {
      type        = "Service"
      identifiers = ["logging.s3.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:s3:::${local.bucket}"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

locals {
  log_policies_access_logs = [data.aws_iam_policy_document.access_logs.json]
}
