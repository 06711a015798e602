# The model: a pipeline of containers, this image among them. It cannot be changed, so each change makes a new one beside the old.

locals {
  count = length(var.release[*]) # 0 or 1, known before anything exists

  model = {
    image       = one(var.release[*].image)
    data        = one(var.release[*].model_data_url)
    before      = var.before
    after       = var.after
    environment = var.environment
    role        = var.role_arn
    network     = var.network
  }

  own = { image = local.model.image, model_data_url = local.model.data, environment = var.environment }
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

  # SageMaker tells each container by SAGEMAKER_BIND_TO_PORT where to listen.
  dynamic "container" {
    for_each = concat(var.before, [local.own], var.after)

    content {
      image          = container.value.image
      model_data_url = container.value.model_data_url
      environment    = container.value.environment
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
