# A release looks whether the model lies where the manifest says, and brings it here to be checked and served.

variable "artifact" {
  description = "Where: a folder, s3://bucket/prefix/, or an archive, s3://bucket/key.tar.gz"
  type        = string
  nullable    = false
}

locals {
  artifact        = "arn:${local.partition}:s3:::${trimprefix(var.artifact, "s3://")}"
  artifact_bucket = split("/", local.artifact)[0]
  artifact_key    = trimprefix(local.artifact, "${local.artifact_bucket}/")
}

data "aws_iam_policy_document" "artifact_write" {
  statement {
    sid       = "FindArtifact"
    actions   = ["s3:ListBucket"]
    resources = [local.artifact_bucket]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${local.artifact_key}*"]
    }
  }

  statement {
    sid       = "ReadArtifact"
    actions   = ["s3:GetObject"]
    resources = ["${local.artifact}${endswith(local.artifact, "/") ? "*" : ""}"]
  }
}
