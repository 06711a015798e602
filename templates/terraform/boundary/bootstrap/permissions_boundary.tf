# A boundary that the manifest names later is put on the roles that exist.

data "aws_iam_policy_document" "boundary_write" {
  statement {
    sid       = "BoundRoles"
    actions   = ["iam:PutRolePermissionsBoundary"]
    resources = local.roles

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [var.permissions_boundary]
    }
  }
}
