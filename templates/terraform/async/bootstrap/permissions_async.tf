# The topics of an asynchronous endpoint. SNS asks for the topic where a call names a subscription.

locals {
  async_topics = [for kind in ["success", "error"] : "arn:${local.partition}:sns:${local.region}:${local.account_id}:${var.name}-${kind}"]
}

data "aws_iam_policy_document" "async_read" {
  statement {
    sid       = "ReadTopics"
    actions   = ["sns:GetSubscriptionAttributes", "sns:GetTopicAttributes", "sns:ListTagsForResource"]
    resources = local.async_topics
  }
}

data "aws_iam_policy_document" "async_write" {
  statement {
    sid = "MakeTopics"
    actions = [
      "sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:Unsubscribe",
      "sns:UntagResource",
    ]
    resources = local.async_topics
  }
}
