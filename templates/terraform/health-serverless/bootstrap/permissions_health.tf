# The alarms of a serverless endpoint, which nothing but notifying people needs.

data "aws_iam_policy_document" "health_read" {
  statement {
    sid       = "ReadAlarms"
    actions   = ["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"]
    resources = local.alarms
  }
}

data "aws_iam_policy_document" "health_write" {
  statement {
    sid       = "MakeAlarms"
    actions   = ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"]
    resources = local.alarms
  }
}
