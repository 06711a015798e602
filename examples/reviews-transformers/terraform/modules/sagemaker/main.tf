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

  # Present from the first deployment: adding or removing the rollback block later would replace a live endpoint.
  deployment_config {
    blue_green_update_policy {
      traffic_routing_configuration {
        type                     = "ALL_AT_ONCE"
        wait_interval_in_seconds = var.rollback_observation_seconds
      }
    }

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
