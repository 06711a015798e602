# The endpoint configuration. It cannot be changed, so each change makes a new one beside the old; the old one goes when the endpoint
# has moved over.

locals {
  count = length(var.model[*]) # 0 or 1, known before anything exists

  configuration = {
    model  = one(var.model[*].name)
    memory = var.memory_mib
    limits = [var.max_concurrency, var.provisioned_concurrency]
  }
}

# A generation: a new id whenever the content changes. Names carry a hash of the content and eight digits of this id, because after
# a rolled-back update the previous configuration still exists, and going back to it makes the same content once more.
resource "terraform_data" "this" {
  count = local.count

  triggers_replace = local.configuration
}

resource "aws_sagemaker_endpoint_configuration" "this" {
  #checkov:skip=CKV_AWS_98:a serverless container has no volume to encrypt
  count = local.count

  name = "${var.name}-${substr(sha256(jsonencode(local.configuration)), 0, 8)}-${substr(terraform_data.this[0].id, 0, 8)}"

  production_variants {
    variant_name = "primary"
    model_name   = local.configuration.model

    serverless_config {
      memory_size_in_mb       = var.memory_mib
      max_concurrency         = var.max_concurrency
      provisioned_concurrency = var.provisioned_concurrency == 0 ? null : var.provisioned_concurrency
    }
  }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = var.provisioned_concurrency <= var.max_concurrency
      error_message = "More invocations would be kept warm (${var.provisioned_concurrency}) than may run at one time (${var.max_concurrency}): raise max_concurrency."
    }
  }
}
