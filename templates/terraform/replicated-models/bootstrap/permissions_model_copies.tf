# The replication of the model bucket, and the role that copies.

locals {
  copied_from = "arn:${local.partition}:s3:::${var.bucket_prefix}-${local.region_code}-${local.account_id}"
  copier      = "arn:${local.partition}:iam::${local.account_id}:role/${var.role_prefix}-${local.region_code}-replication"
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
    resources = [local.copied_from]
  }

  # As for the roles of every stack: where roles have a boundary, one without it is none to write to.
  statement {
    sid       = "MakeCopier"
    actions   = ["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy"]
    resources = [local.copier]

    dynamic "condition" {
      for_each = var.permissions_boundary[*]

      content {
        test     = "StringEquals"
        variable = "iam:PermissionsBoundary"
        values   = [condition.value]
      }
    }
  }

  dynamic "statement" {
    for_each = var.permissions_boundary[*]

    content {
      sid       = "BoundCopier"
      actions   = ["iam:PutRolePermissionsBoundary"]
      resources = [local.copier]

      condition {
        test     = "StringEquals"
        variable = "iam:PermissionsBoundary"
        values   = [statement.value]
      }
    }
  }

  statement {
    sid = "ChangeCopier"
    actions = [
      "iam:DeleteRole", "iam:ListInstanceProfilesForRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy",
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
