# The model lies in S3 already: the role may read it there.

variable "artifact" {
  description = "Where: a folder, s3://bucket/prefix/, or an archive, s3://bucket/key.tar.gz"
  type        = string
  nullable    = false
}

locals {
  artifact_bucket = split("/", var.artifact)[2]
  artifact_key    = trimprefix(var.artifact, "s3://${local.artifact_bucket}/")

  role_policies_artifact = [data.aws_iam_policy_document.artifact.json]
}

data "aws_iam_policy_document" "artifact" {
  statement {
    sid       = "ReadArtifact"
    actions   = ["s3:GetObject"]
    resources = ["arn:${local.partition}:s3:::${local.artifact_bucket}/${local.artifact_key}${endswith(local.artifact_key, "/") ? "*" : ""}"]
  }

  statement {
    sid       = "ListArtifact"
    actions   = ["s3:ListBucket"]
    resources = ["arn:${local.partition}:s3:::${local.artifact_bucket}"]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${local.artifact_key}*"]
    }
  }
}
