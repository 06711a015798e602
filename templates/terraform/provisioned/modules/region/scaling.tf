# What is kept warm follows its use.

module "scaling" {
  source = "../scaling"

  endpoint  = local.release == null ? null : { name = module.sagemaker.endpoint_name }
  variant   = "primary"
  dimension = "sagemaker:variant:DesiredProvisionedConcurrency"
  machine   = "serverless"
  min       = var.min_capacity
  max       = var.max_capacity
  metric    = { predefined = "SageMakerVariantProvisionedConcurrencyUtilization", of_endpoint = null }
  target    = var.scaling_target
  cooldowns = { out = var.scale_out_cooldown_seconds, in = var.scale_in_cooldown_seconds }
  schedule  = var.scaling_schedule
}
