# The endpoint. Models and configurations cannot be changed, so each change makes new ones beside the old, moves the endpoint over
# in place, and only then deletes the old ones.

locals {
  count = length(var.release[*]) # 0 or 1, known before anything exists

  model = {
    image       = one(var.release[*].image)
    data        = one(var.release[*].model_data_url)
    environment = var.environment
    role        = var.role_arn
    network     = var.network
  }

  configuration = {
    model    = one(aws_sagemaker_model.this[*].name)
    instance = [var.instance_type, var.instance_count, var.volume_size_gib]
    timeouts = [var.startup_timeout_seconds, var.download_timeout_seconds]
    key      = one(var.kms_key[*].arn)
  }
}

# A generation: a new id whenever the content changes. Names carry a hash of the content and eight digits of this id, because after
# a rolled-back update the previous model still exists, and going back to it makes the same content, so the same hash, once more.
resource "terraform_data" "model" {
  count = local.count

  triggers_replace = local.model
}

resource "terraform_data" "configuration" {
  count = local.count

  triggers_replace = local.configuration
}

resource "aws_sagemaker_model" "this" {
  #checkov:skip=CKV_AWS_370:network isolation takes every outbound call from the model; it is asked for in the manifest
  count = local.count

  name                     = "${var.name}-${substr(sha256(jsonencode(local.model)), 0, 8)}-${substr(terraform_data.model[0].id, 0, 8)}"
  execution_role_arn       = var.role_arn
  enable_network_isolation = try(var.network.isolation, false)

  primary_container {
    image          = local.model.image
    model_data_url = local.model.data
    environment    = var.environment
  }

  dynamic "vpc_config" {
    for_each = [for one in var.network[*] : one if length(one.subnet_ids) > 0]

    content {
      subnets            = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint_configuration" "this" {
  #checkov:skip=CKV_AWS_98:with kms = "aws" the volume is encrypted with a key that AWS owns, as asked for
  count = local.count

  name        = "${var.name}-${substr(sha256(jsonencode(local.configuration)), 0, 8)}-${substr(terraform_data.configuration[0].id, 0, 8)}"
  kms_key_arn = local.configuration.key

  production_variants {
    variant_name                                      = "primary"
    model_name                                        = aws_sagemaker_model.this[0].name
    instance_type                                     = var.instance_type
    initial_instance_count                            = var.instance_count
    volume_size_in_gb                                 = var.volume_size_gib
    container_startup_health_check_timeout_in_seconds = var.startup_timeout_seconds
    model_data_download_timeout_in_seconds            = var.download_timeout_seconds
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint" "this" {
  count = local.count

  name                 = var.name
  endpoint_config_name = aws_sagemaker_endpoint_configuration.this[0].name

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
    postcondition {
      condition     = self.endpoint_config_name == aws_sagemaker_endpoint_configuration.this[0].name
      error_message = "SageMaker rolled the update of ${var.name} back: it still serves the configuration ${self.endpoint_config_name}, which is kept. Look at the log group ${var.log_group} and at the alarms ${join(" and ", var.rollback_alarms)}, then release a corrected image or model, or revert the release and apply."
    }
  }
}
