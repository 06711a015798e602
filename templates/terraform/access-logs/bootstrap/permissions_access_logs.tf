# Turns the log of the model bucket on.

data "aws_iam_policy_document" "access_logs_write" {
  statement {
    sid       = "LogAccess"
    actions   = ["s3:PutBucketLogging"]
    resources = local.buckets
  }
}
