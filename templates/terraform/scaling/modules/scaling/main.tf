# One production variant grows and shrinks with what it is asked.

locals {
  count       = length(var.endpoint[*]) # 0 or 1, known before anything exists
  resource_id = "endpoint/${join("", var.endpoint[*].name)}/variant/${var.variant}"

  predefined  = var.metric.predefined[*]
  of_endpoint = var.metric.of_endpoint[*]
}

# SageMaker refuses another machine for a variant that is a scalable target: the target goes before the endpoint changes and comes
# back after it. A schedule moves the limits, so that Terraform leaves them alone until they change here.
resource "terraform_data" "this" {
  triggers_replace = [var.machine, var.min, var.max]
}

resource "aws_appautoscaling_target" "this" {
  count = local.count

  service_namespace  = "sagemaker"
  resource_id        = local.resource_id
  scalable_dimension = var.dimension
  min_capacity       = var.min
  max_capacity       = var.max

  lifecycle {
    ignore_changes       = [min_capacity, max_capacity]
    replace_triggered_by = [terraform_data.this]

    precondition {
      condition     = var.min <= var.max
      error_message = "The fewest (${var.min}) are more than the most (${var.max})."
    }
  }
}

resource "aws_appautoscaling_policy" "this" {
  count = local.count

  name               = "${var.endpoint.name}-${var.variant}-tracking"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  resource_id        = aws_appautoscaling_target.this[0].resource_id
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.target
    scale_out_cooldown = var.cooldowns.out
    scale_in_cooldown  = var.cooldowns.in

    dynamic "predefined_metric_specification" {
      for_each = local.predefined

      content {
        predefined_metric_type = predefined_metric_specification.value
      }
    }

    dynamic "customized_metric_specification" {
      for_each = local.of_endpoint

      content {
        namespace   = "AWS/SageMaker"
        metric_name = customized_metric_specification.value
        statistic   = "Average"

        dimensions {
          name  = "EndpointName"
          value = var.endpoint.name
        }
      }
    }
  }

  lifecycle {
    replace_triggered_by = [aws_appautoscaling_target.this[0]]
  }
}

resource "aws_appautoscaling_scheduled_action" "this" {
  for_each = { for name, action in var.schedule : name => action if local.count == 1 }

  name               = each.key
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  resource_id        = aws_appautoscaling_target.this[0].resource_id
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension
  schedule           = each.value.schedule
  timezone           = each.value.timezone

  scalable_target_action {
    min_capacity = each.value.min
    max_capacity = each.value.max
  }

  lifecycle {
    replace_triggered_by = [aws_appautoscaling_target.this[0]]
  }
}
