# Each further variant has a model of its own: a candidate's, or the release's.

variable "candidates" {
  description = "Image and model of variants by name; a null, and a variant that is not here, is the release's"
  type        = map(object({ image_digest = optional(string), model_key = optional(string) }))
  default     = {}
  nullable    = false
}

locals {
  candidates = {
    for name in local.candidate_names : name => local.release == null ? null : {
      image = try("${module.ecr.repository_url}@${coalesce(var.candidates[name].image_digest)}", local.release.image)
      model_data_url = try(
        startswith(var.candidates[name].model_key, "s3://") ? var.candidates[name].model_key : "s3://${module.s3.name}/${var.candidates[name].model_key}",
        local.release.model_data_url,
      )
    }
  }
}

module "candidate" {
  source   = "../model"
  for_each = local.candidates

  name        = var.name
  release     = each.value
  mode        = "SingleModel"
  role_arn    = module.iam.role_arn
  environment = merge(var.environment, local.environment)
  network     = local.network
}
