# The key of this stack (`kms = "managed"`). The account administers it; data passes through it only by way of the services below,
# for principals that IAM lets use it, and with S3 and CloudWatch Logs for this stack's bucket and log group only.

locals {
  # A key with replicas has the same id in every region.
  given_key = replace(var.kms, "/^(arn:[a-z-]+:kms):[a-z0-9-]+:/", "$1:${var.region}:")
}

data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:in a key policy the resource * is this key, and without its administrator a key is lost
  #checkov:skip=CKV_AWS_111:as above; every statement that touches data has a condition
  #checkov:skip=CKV_AWS_356:as above
  source_policy_documents = local.key_policies

  statement {
    sid = "Administration"
    actions = [
      "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "kms:DisableKey", "kms:DisableKeyRotation",
      "kms:EnableKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListGrants", "kms:ListKeyPolicies",
      "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:RevokeGrant", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource",
      "kms:UpdateAlias", "kms:UpdateKeyDescription",
    ]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:root"]
    }
  }

  statement {
    sid       = "Models"
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
      values   = [for suffix in ["", "/*"] : "arn:${local.partition}:s3:::${local.bucket}${suffix}"]
    }
  }

  # ECR and SageMaker encrypt with grants of their own, made on behalf of whoever creates the repository or the endpoint.
  statement {
    sid = "ImagesAndVolumes"
    actions = [
      "kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
      "kms:RetireGrant",
    ]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:root"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for service in ["ecr", "sagemaker"] : "${service}.${var.region}.${local.dns_suffix}"]
    }
  }

  statement {
    sid       = "Logs"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.${local.dns_suffix}"]
    }

    condition {
      test     = "ArnEquals"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${local.partition}:logs:${var.region}:${local.account_id}:log-group:${local.log_group}"]
    }
  }
}

resource "aws_kms_key" "this" {
  count = var.kms == "managed" ? 1 : 0

  description             = "Images, models, volumes and logs of the endpoint ${var.name}"
  policy                  = data.aws_iam_policy_document.key.json
  enable_key_rotation     = true
  deletion_window_in_days = 30 # the longest: until then a destroyed stack's data can be had back
}
