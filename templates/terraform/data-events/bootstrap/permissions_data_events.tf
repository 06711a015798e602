# The trail of the model bucket's data events.

locals {
  trails = [
    for region, code in var.regions : "arn:${local.partition}:cloudtrail:${region}:${local.account_id}:trail/${var.name}-${code}-models"
  ]
}

data "aws_iam_policy_document" "data_events_read" {
  #checkov:skip=CKV_AWS_356:trails can be listed for a whole account only

  statement {
    sid       = "ListTrails"
    actions   = ["cloudtrail:DescribeTrails"]
    resources = ["*"]
  }

  statement {
    sid       = "ReadTrails"
    actions   = ["cloudtrail:GetEventSelectors", "cloudtrail:GetInsightSelectors", "cloudtrail:GetTrailStatus", "cloudtrail:ListTags"]
    resources = local.trails
  }
}

data "aws_iam_policy_document" "data_events_write" {
  statement {
    sid = "MakeTrails"
    actions = [
      "cloudtrail:AddTags", "cloudtrail:CreateTrail", "cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:RemoveTags",
      "cloudtrail:StartLogging", "cloudtrail:UpdateTrail",
    ]
    resources = local.trails
  }
}
