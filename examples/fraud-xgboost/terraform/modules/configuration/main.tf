# The endpoint configuration. It cannot be changed, so each change makes a new one beside the old; the old one goes when the endpoint
# has moved over.

locals {
  count = var.released ? 1 : 0

  configuration = {
    variants = var.variants
    shadows  = var.shadows
    async    = var.async
    ami      = var.inference_ami_version
    capture  = var.capture
    rollout  = var.rollout # SageMaker takes another way of updating only along with another configuration
    timeouts = [var.startup_timeout_seconds, var.download_timeout_seconds]
    key      = one(var.kms_key[*].arn)
  }
}

# A generation: a new id whenever the content changes. Names carry a hash of the content and eight digits of this id, because after
# a rolled-back update the previous configuration still exists, and going back to it makes the same content once more.
resource "terraform_data" "this" {
  count = local.count

  triggers_replace = local.configuration
}

resource "aws_sagemaker_endpoint_configuration" "this" {
  #checkov:skip=CKV_AWS_98:with kms = "aws" the volume is encrypted with a key that AWS owns, as asked for
  count = local.count

  name        = "${var.name}-${substr(sha256(jsonencode(local.configuration)), 0, 8)}-${substr(terraform_data.this[0].id, 0, 8)}"
  kms_key_arn = local.configuration.key

  dynamic "production_variants" {
    for_each = var.variants

    content {
      variant_name                                      = production_variants.value.name
      model_name                                        = production_variants.value.model
      instance_type                                     = production_variants.value.instance_type
      initial_instance_count                            = production_variants.value.instance_count
      initial_variant_weight                            = production_variants.value.weight
      volume_size_in_gb                                 = production_variants.value.volume_size_gib
      inference_ami_version                             = var.inference_ami_version
      container_startup_health_check_timeout_in_seconds = var.startup_timeout_seconds
      model_data_download_timeout_in_seconds            = var.download_timeout_seconds
    }
  }

  dynamic "shadow_production_variants" {
    for_each = var.shadows

    content {
      variant_name                                      = shadow_production_variants.value.name
      model_name                                        = shadow_production_variants.value.model
      instance_type                                     = shadow_production_variants.value.instance_type
      initial_instance_count                            = shadow_production_variants.value.instance_count
      initial_variant_weight                            = shadow_production_variants.value.weight
      volume_size_in_gb                                 = shadow_production_variants.value.volume_size_gib
      inference_ami_version                             = var.inference_ami_version
      container_startup_health_check_timeout_in_seconds = var.startup_timeout_seconds
      model_data_download_timeout_in_seconds            = var.download_timeout_seconds
    }
  }

  dynamic "async_inference_config" {
    for_each = var.async[*]

    content {
      client_config {
        max_concurrent_invocations_per_instance = async_inference_config.value.max_concurrent
      }

      output_config {
        s3_output_path  = async_inference_config.value.output
        s3_failure_path = async_inference_config.value.failure
        kms_key_id      = local.configuration.key

        notification_config {
          success_topic = async_inference_config.value.success_topic
          error_topic   = async_inference_config.value.error_topic
        }
      }
    }
  }

  dynamic "data_capture_config" {
    for_each = var.capture[*]

    content {
      enable_capture              = true
      initial_sampling_percentage = data_capture_config.value.percent
      destination_s3_uri          = data_capture_config.value.destination
      kms_key_id                  = local.configuration.key

      capture_options {
        capture_mode = "Input"
      }

      capture_options {
        capture_mode = "Output"
      }

      capture_content_type_header {
        csv_content_types  = ["text/csv"]
        json_content_types = ["application/json", "application/jsonlines"]
      }
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}
