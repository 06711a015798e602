# The bucket of logs, made, changed, and deleted with what is in it.

locals {
  log_buckets = [
    for code in values(var.regions) : "arn:${local.partition}:s3:::${substr(var.bucket_prefix, 0, 38)}-${code}-logs-${local.account_id}"
  ]
}

data "aws_iam_policy_document" "log_bucket_read" {
  statement {
    sid       = "ReadLogBuckets"
    actions   = local.bucket_reads
    resources = local.log_buckets
  }
}

data "aws_iam_policy_document" "log_bucket_write" {
  statement {
    sid       = "MakeLogBuckets"
    actions   = concat(local.bucket_writes, ["s3:ListBucketVersions"])
    resources = local.log_buckets
  }

  statement {
    sid       = "DeleteOldLogs"
    actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    resources = [for bucket in local.log_buckets : "${bucket}/*"]
  }
}
