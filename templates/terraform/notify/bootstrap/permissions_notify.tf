# The topic of the alarms and its subscription.

locals {
  alarm_topics = ["arn:${local.partition}:sns:${local.region}:${local.account_id}:${var.name}-alarms"]
}

data "aws_iam_policy_document" "notify_read" {
  statement {
    sid       = "ReadAlarmTopic"
    actions   = ["sns:GetTopicAttributes", "sns:ListTagsForResource"]
    resources = local.alarm_topics
  }

  statement {
    sid       = "ReadAlarmSubscription"
    actions   = ["sns:GetSubscriptionAttributes"]
    resources = [for topic in local.alarm_topics : "${topic}:*"]
  }
}

data "aws_iam_policy_document" "notify_write" {
  statement {
    sid = "MakeAlarmTopic"
    actions = [
      "sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:UntagResource",
    ]
    resources = local.alarm_topics
  }

  statement {
    sid       = "EndAlarmSubscription"
    actions   = ["sns:SetSubscriptionAttributes", "sns:Unsubscribe"]
    resources = [for topic in local.alarm_topics : "${topic}:*"]
  }
}
