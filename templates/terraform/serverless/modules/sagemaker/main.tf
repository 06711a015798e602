# The endpoint: moved over in place whenever its configuration changes. SageMaker has no canaries and no rollback by alarms for
# serverless endpoints.

locals {
  count = length(var.configuration[*]) # 0 or 1, known before anything exists
}

# An endpoint with machines cannot become serverless: that is another endpoint.
resource "terraform_data" "this" {
  count = local.count

  triggers_replace = "serverless"
}

resource "aws_sagemaker_endpoint" "this" {
  count = local.count

  name                 = var.name
  endpoint_config_name = var.configuration.name

  lifecycle {
    replace_triggered_by = [terraform_data.this[0]]

    postcondition {
      condition     = self.endpoint_config_name == var.configuration.name
      error_message = "SageMaker rolled the update of ${var.name} back: it still serves the configuration ${self.endpoint_config_name}, which is kept. Look at the log group ${var.log_group}, then release a corrected image or model, or revert the release and apply."
    }
  }
}
