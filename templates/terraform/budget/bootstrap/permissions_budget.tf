# The budget. Budgets are global: their ARN has no region.

locals {
  budgets = ["arn:${local.partition}:budgets::${local.account_id}:budget/${var.name}-${local.region_code}"]
}

data "aws_iam_policy_document" "budget_read" {
  statement {
    sid       = "ReadBudget"
    actions   = ["budgets:ListTagsForResource", "budgets:ViewBudget"]
    resources = local.budgets
  }
}

data "aws_iam_policy_document" "budget_write" {
  statement {
    sid       = "MakeBudget"
    actions   = ["budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"]
    resources = local.budgets
  }
}
