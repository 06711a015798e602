# The model: the image and where its files lie. It cannot be changed, so each change makes a new one beside the old.

locals {
  count = length(var.release[*]) # 0 or 1, known before anything exists

  model = {
    image       = one(var.release[*].image)
    data        = one(var.release[*].model_data_url)
    mode        = var.mode
    environment = var.environment
    role        = var.role_arn
    network     = var.network
  }

  # One archive, or the many of a multi-model endpoint, goes by its address; a folder of plain files is a source.
  folder = var.mode == "SingleModel" && endswith(coalesce(local.model.data, "-"), "/")
}

# A generation: a new id whenever the content changes. Names carry a hash of the content and eight digits of this id, because after
# a rolled-back update the previous model still exists, and going back to it makes the same content, so the same hash, once more.
resource "terraform_data" "this" {
  count = local.count

  triggers_replace = local.model
}

resource "aws_sagemaker_model" "this" {
  #checkov:skip=CKV_AWS_370:network isolation takes every outbound call from the model; it is asked for in the manifest
  count = local.count

  name                     = "${var.name}-${substr(sha256(jsonencode(local.model)), 0, 8)}-${substr(terraform_data.this[0].id, 0, 8)}"
  execution_role_arn       = var.role_arn
  enable_network_isolation = try(var.network.isolation, false)

  primary_container {
    image          = local.model.image
    mode           = var.mode
    model_data_url = local.folder ? null : local.model.data
    environment    = var.environment

    dynamic "model_data_source" {
      for_each = local.folder ? [local.model.data] : []

      content {
        s3_data_source {
          s3_uri           = model_data_source.value
          s3_data_type     = "S3Prefix"
          compression_type = "None"
        }
      }
    }
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
