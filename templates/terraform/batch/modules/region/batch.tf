# A transform job is started by `make transform`: here is what it may read and write.

variable "transform_input" {
  description = "Folder in S3 that jobs read; null: transform/input/ in the bucket"
  type        = string
}

variable "transform_output" {
  description = "Folder in S3 that jobs write; null: transform/output/ in the bucket"
  type        = string
}

locals {
  input  = coalesce(var.transform_input, "s3://${local.bucket}/transform/input/")
  output = coalesce(var.transform_output, "s3://${local.bucket}/transform/output/")

  input_bucket = split("/", local.input)[2]
  input_prefix = trimprefix(local.input, "s3://${local.input_bucket}/")

  role_policies_batch = [data.aws_iam_policy_document.batch.json]
  key_policies_batch  = [data.aws_iam_policy_document.batch_key.json]
}

# Answers are encrypted with the stack's key, in whichever bucket.
data "aws_iam_policy_document" "batch_key" {
  statement {
    sid       = "Answers"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:root"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.${local.dns_suffix}"]
    }

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:s3:arn"
      values   = [for suffix in ["", "/*"] : "arn:${local.partition}:s3:::${split("/", local.output)[2]}${suffix}"]
    }
  }
}

data "aws_iam_policy_document" "batch" {
  statement {
    sid       = "ReadInput"
    actions   = ["s3:GetObject"]
    resources = ["arn:${local.partition}:s3:::${trimprefix(local.input, "s3://")}*"]
  }

  statement {
    sid       = "ListInput"
    actions   = ["s3:ListBucket"]
    resources = ["arn:${local.partition}:s3:::${local.input_bucket}"]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${local.input_prefix}*"]
    }
  }

  statement {
    sid       = "WriteOutput"
    actions   = ["s3:PutObject"]
    resources = ["arn:${local.partition}:s3:::${trimprefix(local.output, "s3://")}*"]
  }

  dynamic "statement" {
    for_each = local.kms_key[*]

    content {
      sid       = "EncryptOutput"
      actions   = ["kms:GenerateDataKey"]
      resources = [statement.value.arn]
    }
  }
}

output "transform" {
  description = "Where jobs read and write, and with which key; what they are like is in release.toml"
  value = {
    input   = local.input
    output  = local.output
    kms_key = one(local.kms_key[*].arn)
  }
}

output "endpoint_name" {
  description = "Name of the stack, and start of the names of its jobs: there is no endpoint"
  value       = var.name
}
