# Requests and answers in the bucket, for as long as they are wanted.

variable "capture_percent" {
  description = "Share of the requests that is kept, percent"
  type        = number
  nullable    = false
}

variable "capture_retention_days" {
  description = "Days after which what was kept is deleted"
  type        = number
  nullable    = false
}

locals {
  kept_prefix = "capture/"

  capture_requests      = { percent = var.capture_percent, destination = "s3://${local.bucket}/${local.kept_prefix}" }
  expirations_capture   = { (local.kept_prefix) = var.capture_retention_days }
  role_policies_capture = [data.aws_iam_policy_document.capture.json]
}

data "aws_iam_policy_document" "capture" {
  statement {
    sid       = "WriteCapture"
    actions   = ["s3:PutObject"]
    resources = ["${module.s3.arn}/${local.kept_prefix}*"]
  }

  dynamic "statement" {
    for_each = local.kms_key[*]

    content {
      sid       = "EncryptCapture"
      actions   = ["kms:GenerateDataKey"]
      resources = [statement.value.arn]
    }
  }
}

output "capture_location" {
  description = "Where requests and answers are kept"
  value       = local.capture_requests.destination
}
