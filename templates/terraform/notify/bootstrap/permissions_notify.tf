# The topic of the alarms and its subscription. SNS asks for the topic where a call names a subscription.

locals {
  alarm_topics = ["arn:${local.partition}:sns:${local.region}:${local.account_id}:${var.name}-alarms"]
}

data "aws_iam_policy_document" "notify_read" {
  statement {
    sid       = "ReadAlarmTopic"
    actions   = ["sns:GetSubscriptionAttributes", "sns:GetTopicAttributes", "sns:ListTagsForResource"]
    resources = local.alarm_topics
  }
}

data "aws_iam_policy_document" "notify_write" {
  statement {
    sid = "MakeAlarmTopic"
    actions = [
      "sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:Unsubscribe",
      "sns:UntagResource",
    ]
    resources = local.alarm_topics
  }
}
