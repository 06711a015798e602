# The model is a pipeline: a request passes through its containers in order.

variable "containers_before" {
  description = "Containers before this model's"
  type        = list(object({ image = string, model_data_url = string, environment = map(string) }))
  nullable    = false
}

variable "containers_after" {
  description = "Containers after it"
  type        = list(object({ image = string, model_data_url = string, environment = map(string) }))
  nullable    = false
}

locals {
  others = concat(var.containers_before, var.containers_after)

  # An image's address is ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME, with a tag or a digest.
  other_repositories = distinct([for one in local.others : join(":", [
    "arn", local.partition, "ecr", split(".", one.image)[3], split(".", one.image)[0], "repository/${regex("/([^:@]+)", one.image)[0]}",
  ])])
  other_archives = [for url in compact(local.others[*].model_data_url) : "arn:${local.partition}:s3:::${trimprefix(url, "s3://")}"]

  role_policies_containers = [data.aws_iam_policy_document.containers.json]
}

data "aws_iam_policy_document" "containers" {
  statement {
    sid       = "PullOtherImages"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = local.other_repositories
  }

  dynamic "statement" {
    for_each = length(local.other_archives) > 0 ? [local.other_archives] : []

    content {
      sid       = "ReadOtherModels"
      actions   = ["s3:GetObject"]
      resources = statement.value
    }
  }
}

module "model" {
  source = "../model"

  name        = var.name
  release     = local.release
  before      = var.containers_before
  after       = var.containers_after
  role_arn    = module.iam.role_arn
  environment = merge(var.environment, local.environment)
  network     = local.network
}
