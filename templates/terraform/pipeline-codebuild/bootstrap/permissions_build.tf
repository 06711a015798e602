# What a build says. Both projects write their own log.

data "aws_iam_policy_document" "build_read" {
  statement {
    sid     = "WriteBuildLogs"
    actions = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    resources = flatten([for build in values(local.builds) : [
      for suffix in ["", ":*"] : "arn:${local.partition}:logs:${var.region}:${local.account_id}:log-group:/aws/codebuild/${build}${suffix}"
    ]])
  }
}
