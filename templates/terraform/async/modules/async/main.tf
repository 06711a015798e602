# Who is told when an asynchronous invocation ends: a topic for answers and one for failures.

resource "aws_sns_topic" "this" {
  #checkov:skip=CKV_AWS_26:with kms = "aws" the topics have no key of KMS, as asked for
  for_each = toset(["success", "error"])

  name              = "${var.name}-${each.key}"
  kms_master_key_id = one(var.kms_key[*].arn)
}

resource "aws_sns_topic_subscription" "this" {
  for_each = var.notify_email == null ? {} : aws_sns_topic.this

  topic_arn = each.value.arn
  protocol  = "email"
  endpoint  = var.notify_email
}
