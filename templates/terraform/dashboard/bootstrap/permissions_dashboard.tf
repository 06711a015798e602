# The dashboard. Dashboards are global: their ARN has no region.

locals {
  dashboards = ["arn:${local.partition}:cloudwatch::${local.account_id}:dashboard/${var.name}-${local.region_code}"]
}

data "aws_iam_policy_document" "dashboard_read" {
  statement {
    sid       = "ReadDashboard"
    actions   = ["cloudwatch:GetDashboard"]
    resources = local.dashboards
  }
}

data "aws_iam_policy_document" "dashboard_write" {
  statement {
    sid       = "MakeDashboard"
    actions   = ["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"]
    resources = local.dashboards
  }
}
