# Who may take the roles: the two CodeBuild projects of this stack, and no other project of the account.

locals {
  builds = { deployer = "${var.name}-release", planner = "${var.name}-check" }
}

data "aws_iam_policy_document" "trust" {
  for_each = local.builds

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codebuild.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:codebuild:${var.region}:${local.account_id}:project/${each.value}"]
    }
  }
}
