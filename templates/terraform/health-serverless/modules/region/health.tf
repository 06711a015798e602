# What a serverless endpoint tells of itself. Nothing rolls its updates back, so these alarms tell people only.

locals {
  health = {
    errors   = { description = "More than 5 % of the requests fail with 5xx", namespace = "AWS/SageMaker", metric = "Invocation5XXErrors", statistic = "Average", threshold = 0.05 }
    memory   = { description = "A container's memory is nearly full", namespace = "/aws/sagemaker/Endpoints", metric = "MemoryUtilization", statistic = "Maximum", threshold = 90 }
    capacity = { description = "Nearly as many requests at one time as are allowed; further ones are refused", namespace = "AWS/SageMaker", metric = "ServerlessConcurrentExecutionsUtilization", statistic = "Maximum", threshold = 0.9 }
  }
}

resource "aws_cloudwatch_metric_alarm" "health" {
  for_each = { for key, alarm in local.health : key => alarm if local.release != null }

  alarm_name          = "${local.alarm_prefix}${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching" # no requests, no fault
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions

  dimensions = {
    EndpointName = var.name
    VariantName  = "primary"
  }
}
