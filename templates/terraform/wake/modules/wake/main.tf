# Where there is no machine, there is no backlog for each machine, so nothing would ever bring the first: a request that waits
# without a machine does.

locals {
  count = length(var.endpoint[*]) # 0 or 1, known before anything exists
}

# A target that is registered anew has lost its policies.
resource "terraform_data" "this" {
  count = local.count

  triggers_replace = var.target.arn
}

resource "aws_appautoscaling_policy" "this" {
  count = local.count

  name               = "${var.endpoint.name}-primary-wake"
  policy_type        = "StepScaling"
  service_namespace  = "sagemaker"
  resource_id        = var.target.resource_id
  scalable_dimension = var.target.dimension

  step_scaling_policy_configuration {
    adjustment_type         = "ChangeInCapacity"
    metric_aggregation_type = "Average"
    cooldown                = 300

    step_adjustment {
      scaling_adjustment          = 1
      metric_interval_lower_bound = 0
    }
  }

  lifecycle {
    replace_triggered_by = [terraform_data.this[0]]
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  count = local.count

  alarm_name          = "${var.endpoint.name}-wake"
  alarm_description   = "Requests wait for ${var.endpoint.name}, which has no machine"
  namespace           = "AWS/SageMaker"
  metric_name         = "HasBacklogWithoutCapacity"
  statistic           = "Average"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 2
  datapoints_to_alarm = 2
  treat_missing_data  = "missing"
  alarm_actions       = [aws_appautoscaling_policy.this[0].arn]

  dimensions = {
    EndpointName = var.endpoint.name
  }
}
