# The topics of an asynchronous endpoint, and the request that a smoke test sends.

locals {
  async_topics = [for kind in ["success", "error"] : "arn:${local.partition}:sns:${local.region}:${local.account_id}:${var.name}-${kind}"]
}

data "aws_iam_policy_document" "async_read" {
  statement {
    sid       = "ReadTopics"
    actions   = ["sns:GetTopicAttributes", "sns:ListTagsForResource"]
    resources = local.async_topics
  }

  statement {
    sid       = "ReadSubscriptions"
    actions   = ["sns:GetSubscriptionAttributes"]
    resources = [for topic in local.async_topics : "${topic}:*"]
  }
}

data "aws_iam_policy_document" "async_write" {
  statement {
    sid = "MakeTopics"
    actions = [
      "sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:UntagResource",
    ]
    resources = local.async_topics
  }

  statement {
    sid       = "EndSubscriptions"
    actions   = ["sns:Unsubscribe"]
    resources = [for topic in local.async_topics : "${topic}:*"]
  }

  statement {
    sid       = "AskLater"
    actions   = ["sagemaker:InvokeEndpointAsync"]
    resources = local.endpoints
  }

  statement {
    sid       = "ExchangeRequests"
    actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject"]
    resources = [for bucket in local.buckets : "${bucket}/async/*"]
  }
}
