# A copy is encrypted with the key of the bucket that it goes to.

locals {
  key_policies_replication = [data.aws_iam_policy_document.replication_key.json]
}

data "aws_iam_policy_document" "replication_key" {
  statement {
    sid       = "Copies"
    actions   = ["kms:Encrypt"]
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
}
