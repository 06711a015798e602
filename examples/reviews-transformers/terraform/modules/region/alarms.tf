# The alarms that roll a bad update back.

locals {
  # The platform gives up on a request after 60 s, and its clients see an error then; half of that is too slow long before.
  microseconds_too_slow = 30 * 1000 * 1000

  # Two bad minutes of three are seen inside of it, the delay of CloudWatch included.
  observation_seconds = 300

  alarms = {
    errors = {
      description        = "More than 5 % of the requests to the new machines fail with 5xx"
      metric             = "Invocation5XXErrors" # 0 or 1 for each request: its average is the share
      statistic          = "Average"
      extended_statistic = null
      threshold          = 0.05
    }
    latency = {
      description        = "One in ten requests to the new machines takes longer than 30 s"
      metric             = "ModelLatency"
      statistic          = null
      extended_statistic = "p90"
      threshold          = local.microseconds_too_slow
    }
  }
}

# They watch one configuration, the one that is being rolled out and then serves. Alarms on the whole endpoint would also see the old
# machines, and keep the cure for a failing release out.
resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = { for key, alarm in merge(local.alarms, local.rollback_alarms) : key => alarm if local.release != null }

  alarm_name          = "${local.alarm_prefix}${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/SageMaker"
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  extended_statistic  = each.value.extended_statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching" # no requests, no fault

  dimensions = {
    EndpointName       = var.name
    EndpointConfigName = module.configuration.name
    VariantName        = "primary"
  }
}
