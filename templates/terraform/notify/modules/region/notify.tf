# Whoever is told when an alarm fires, and when it is over. Alarms can tell a topic of their own region only.

variable "alarm_email" {
  description = "Address that alarms are sent to; null: none"
  type        = string
}

locals {
  alarm_actions_notify = [module.notify.topic_arn]
  key_policies_notify  = [data.aws_iam_policy_document.notify_key.json]
}

module "notify" {
  source = "../notify"

  name         = "${var.name}-alarms"
  email        = var.alarm_email
  alarm_prefix = local.alarm_prefix
  kms_key      = local.kms_key
}

# CloudWatch itself encrypts what it tells the topic.
data "aws_iam_policy_document" "notify_key" {
  statement {
    sid       = "Alarms"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:cloudwatch:${var.region}:${local.account_id}:alarm:${local.alarm_prefix}*"]
    }
  }
}

output "alarm_topic_arn" {
  description = "Topic that alarms are told to"
  value       = module.notify.topic_arn
}
