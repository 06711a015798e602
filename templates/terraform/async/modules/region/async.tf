# An asynchronous endpoint reads requests from the bucket and writes answers and failures to it.

variable "max_concurrent_per_instance" {
  description = "Requests at one time on an instance"
  type        = number
  nullable    = false
}

variable "notify_email" {
  description = "Address told of successes and failures; null: nobody is"
  type        = string
}

locals {
  requests_prefix = "async/"

  async_endpoint = {
    output         = "s3://${module.s3.name}/${local.requests_prefix}output/"
    failure        = "s3://${module.s3.name}/${local.requests_prefix}failure/"
    success_topic  = module.async.topic_arns["success"]
    error_topic    = module.async.topic_arns["error"]
    max_concurrent = var.max_concurrent_per_instance
  }

  role_policies_async = [data.aws_iam_policy_document.async.json]
  key_policies_async  = [data.aws_iam_policy_document.async_key.json]
}

module "async" {
  source = "../async"

  name         = var.name
  notify_email = var.notify_email
  kms_key      = local.kms_key
}

data "aws_iam_policy_document" "async" {
  statement {
    sid       = "ReadRequests"
    actions   = ["s3:GetObject"]
    resources = ["${module.s3.arn}/${local.requests_prefix}input/*"]
  }

  statement {
    sid       = "WriteAnswers"
    actions   = ["s3:PutObject"]
    resources = [for kind in ["output", "failure"] : "${module.s3.arn}/${local.requests_prefix}${kind}/*"]
  }

  statement {
    sid       = "TellOfAnswers"
    actions   = ["sns:Publish"]
    resources = values(module.async.topic_arns)
  }

  dynamic "statement" {
    for_each = local.kms_key[*]

    content {
      sid       = "EncryptAnswers"
      actions   = ["kms:GenerateDataKey"]
      resources = [statement.value.arn]
    }
  }
}

# Messages pass through the key only by way of SNS.
data "aws_iam_policy_document" "async_key" {
  statement {
    sid       = "Messages"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:root"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["sns.${var.region}.${local.dns_suffix}"]
    }
  }
}

output "async_input" {
  description = "Where requests are uploaded to before the endpoint is asked"
  value       = "s3://${module.s3.name}/${local.requests_prefix}input/"
}
