# The machines, beside what the alarms of a rollout watch: a full memory kills workers, a full disk fails starts.

locals {
  health = {
    memory = { description = "A machine's memory is nearly full", metric = "MemoryUtilization", threshold = 90 }
    disk   = { description = "A machine's disk is nearly full", metric = "DiskUtilization", threshold = 85 }
  }
}

resource "aws_cloudwatch_metric_alarm" "health" {
  for_each = {
    for one in setproduct(keys(local.health), concat(["primary"], local.variants[*].name, local.shadows[*].name)) :
    one[1] == "primary" ? one[0] : join("-", one) => merge(local.health[one[0]], { variant = one[1] }) if local.release != null
  }

  alarm_name          = "${local.alarm_prefix}${each.key}"
  alarm_description   = each.value.description
  namespace           = "/aws/sagemaker/Endpoints"
  metric_name         = each.value.metric
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  treat_missing_data  = "notBreaching" # no machines, no fault: an asynchronous endpoint scales to zero
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions

  dimensions = {
    EndpointName = var.name
    VariantName  = each.value.variant
  }
}
