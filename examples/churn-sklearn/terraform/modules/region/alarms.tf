# The alarms that roll a bad update back. `rollback_alarms` are those that only some modes have.

locals {
  role_policies_rollout = [data.aws_iam_policy_document.rollout.json]

  alarms = {
    errors = {
      description = "More than 5 % of the requests to the new machines fail with 5xx"
      metric      = "Invocation5XXErrors" # 0 or 1 for each request: its average is the share
      statistic   = "Average"
      threshold   = 0.05
    }
    latency = {
      description = "One in ten requests to the new machines takes the container longer than ${var.slow_seconds} s"
      metric      = "ModelLatency" # microseconds
      statistic   = "p90"
      threshold   = var.slow_seconds * 1000 * 1000
    }
  }

  # Each variant that answers callers is watched by itself: the faults of a small share would be lost among the answers of the others.
  watched = merge([
    for variant in concat(["primary"], local.variants[*].name) : {
      for key, alarm in merge(local.alarms, local.rollback_alarms) :
      variant == "primary" ? key : "${key}-${variant}" => merge(alarm, { variant = variant })
    }
  ]...)

  # SageMaker takes ten alarms at most. In the order of their names the errors of all variants come first.
  rollback_keys = slice(keys(local.watched), 0, min(10, length(local.watched)))
}

# They watch one configuration, the one that is being rolled out and then serves. Alarms on the whole endpoint would also see the old
# machines, and keep the cure for a failing release out.
resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = { for key, alarm in local.watched : key => alarm if local.release != null }

  alarm_name          = "${local.alarm_prefix}${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/SageMaker"
  metric_name         = each.value.metric
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching" # no requests, no fault
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions

  dimensions = merge(
    { EndpointName = var.name, VariantName = each.value.variant },
    try(each.value.every_configuration, false) ? {} : { EndpointConfigName = module.configuration.name },
  )
}

# Without rollback the endpoint still names an alarm: a live endpoint would be deleted to take its list away. This one never fires.
resource "aws_cloudwatch_metric_alarm" "never" {
  count = var.rollback || local.release == null ? 0 : 1

  alarm_name          = "${local.alarm_prefix}never"
  alarm_description   = "Never fires: updates of ${var.name} are not rolled back by alarms"
  namespace           = "byocgen"
  metric_name         = "Never" # nothing writes it
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
}

# Without it SageMaker cannot see the alarms, and no update is ever rolled back (deployment guardrails, auto-rollback).
data "aws_iam_policy_document" "rollout" {
  statement {
    sid       = "WatchAlarms"
    actions   = ["cloudwatch:DescribeAlarms"]
    resources = ["arn:${local.partition}:cloudwatch:${var.region}:${local.account_id}:alarm:${local.alarm_prefix}*"]
  }
}
