# The replication of the model bucket, and the role that copies.

locals {
  copier = "arn:${local.partition}:iam::${local.account_id}:role/${var.role_prefix}-${local.region_code}-replication"
}

data "aws_iam_policy_document" "model_copies_read" {
  statement {
    sid       = "ReadCopier"
    actions   = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]
    resources = [local.copier]
  }
}

data "aws_iam_policy_document" "model_copies_write" {
  statement {
    sid       = "SetCopies"
    actions   = ["s3:PutReplicationConfiguration"]
    resources = local.buckets
  }

  statement {
    sid = "MakeCopier"
    actions = [
      "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:ListInstanceProfilesForRole", "iam:PutRolePolicy", "iam:TagRole",
      "iam:UntagRole", "iam:UpdateAssumeRolePolicy",
    ]
    resources = [local.copier]
  }

  statement {
    sid       = "PassCopier"
    actions   = ["iam:PassRole"]
    resources = [local.copier]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["s3.amazonaws.com"]
    }
  }
}
