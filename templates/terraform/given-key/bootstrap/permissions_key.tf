# A key that exists (`kms` is its ARN): used, never changed. Its own policy has to let the account decide, too.

variable "kms" {
  description = "ARN of the key"
  type        = string
  nullable    = false
}

data "aws_iam_policy_document" "key_read" {
  statement {
    sid       = "ReadKey"
    actions   = ["kms:DescribeKey"]
    resources = [var.kms]
  }
}

data "aws_iam_policy_document" "key_write" {
  statement {
    sid       = "UseKey"
    actions   = ["kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey", "kms:RetireGrant"]
    resources = [var.kms]

    condition {
      test     = "StringLike"
      variable = "kms:ViaService"
      values   = [for service in ["ecr", "s3", "sagemaker"] : "${service}.${local.region}.*"]
    }
  }
}
