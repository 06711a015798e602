# Machines follow the requests that wait, down to none.

module "scaling" {
  source = "../scaling"

  endpoint  = local.release == null ? null : { name = module.sagemaker.endpoint_name }
  variant   = "primary"
  dimension = "sagemaker:variant:DesiredInstanceCount"
  machine   = var.instance_type
  min       = var.min_capacity
  max       = var.max_capacity
  metric    = { predefined = null, of_endpoint = "ApproximateBacklogSizePerInstance" }
  target    = var.scaling_target
  cooldowns = { out = var.scale_out_cooldown_seconds, in = var.scale_in_cooldown_seconds }
  schedule  = var.scaling_schedule
}
