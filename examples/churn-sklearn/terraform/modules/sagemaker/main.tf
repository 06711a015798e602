# The endpoint: moved over in place whenever its configuration changes.

locals {
  count = length(var.configuration[*]) # 0 or 1, known before anything exists
}

# SageMaker lets no endpoint become asynchronous or serverless, nor stop being asynchronous: that is another endpoint.
resource "terraform_data" "this" {
  count = local.count

  triggers_replace = var.kind
}

resource "aws_sagemaker_endpoint" "this" {
  count = local.count

  name                 = var.name
  endpoint_config_name = var.configuration.name

  deployment_config {
    dynamic "blue_green_update_policy" {
      for_each = var.rollout.strategy == "rolling" ? [] : [var.rollout]

      content {
        traffic_routing_configuration {
          type                     = upper(replace(blue_green_update_policy.value.strategy, "-", "_"))
          wait_interval_in_seconds = blue_green_update_policy.value.wait_seconds

          dynamic "canary_size" {
            for_each = var.rollout.strategy == "canary" ? [var.rollout.step_percent] : []

            content {
              type  = "CAPACITY_PERCENT"
              value = canary_size.value
            }
          }

          dynamic "linear_step_size" {
            for_each = var.rollout.strategy == "linear" ? [var.rollout.step_percent] : []

            content {
              type  = "CAPACITY_PERCENT"
              value = linear_step_size.value
            }
          }
        }
      }
    }

    dynamic "rolling_update_policy" {
      for_each = var.rollout.strategy == "rolling" ? [var.rollout] : []

      content {
        wait_interval_in_seconds = rolling_update_policy.value.wait_seconds

        maximum_batch_size {
          type  = "CAPACITY_PERCENT"
          value = rolling_update_policy.value.step_percent
        }
      }
    }

    # Present from the first deployment: adding or removing the block later would replace a live endpoint.
    auto_rollback_configuration {
      dynamic "alarms" {
        for_each = var.rollback_alarms

        content {
          alarm_name = alarms.value
        }
      }
    }
  }

  lifecycle {
    replace_triggered_by = [terraform_data.this[0]]

    postcondition {
      condition     = self.endpoint_config_name == var.configuration.name
      error_message = "SageMaker rolled the update of ${var.name} back: it still serves the configuration ${self.endpoint_config_name}, which is kept. Look at the log group ${var.log_group} and at the alarms ${join(" and ", var.rollback_alarms)}, then release a corrected image or model, or revert the release and apply."
    }
  }
}
