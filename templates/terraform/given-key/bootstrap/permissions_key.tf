# A key that exists (`kms` is its ARN): used, never changed. Its own policy has to let the account decide, too.

variable "kms" {
  description = "ARN of the key, in the default region"
  type        = string
  nullable    = false
}

locals {
  # A key with replicas has the same id in every region.
  given_keys = [for region in keys(var.regions) : replace(var.kms, "/^(arn:[a-z-]+:kms):[a-z0-9-]+:/", "$1:${region}:")]
}

data "aws_iam_policy_document" "key_read" {
  statement {
    sid       = "ReadKey"
    actions   = ["kms:DescribeKey"]
    resources = local.given_keys
  }
}

data "aws_iam_policy_document" "key_write" {
  statement {
    sid       = "UseKey"
    actions   = ["kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey", "kms:RetireGrant"]
    resources = local.given_keys

    condition {
      test     = "StringLike"
      variable = "kms:ViaService"
      values   = [for service in ["ecr", "s3", "sagemaker"] : "${service}.${local.region}.*"]
    }
  }
}
