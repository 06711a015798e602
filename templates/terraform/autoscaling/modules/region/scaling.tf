# Machines follow the invocations. An update of the endpoint starts with instance_count machines again.

module "scaling" {
  source   = "../scaling"
  for_each = { for variant in concat([local.primary], local.variants) : variant.name => variant.instance_type }

  endpoint  = local.release == null ? null : { name = module.sagemaker.endpoint_name }
  variant   = each.key
  dimension = "sagemaker:variant:DesiredInstanceCount"
  machine   = each.value
  min       = var.min_capacity
  max       = var.max_capacity
  metric    = { predefined = "SageMakerVariantInvocationsPerInstance", of_endpoint = null }
  target    = var.scaling_target
  cooldowns = { out = var.scale_out_cooldown_seconds, in = var.scale_in_cooldown_seconds }
  schedule  = var.scaling_schedule
}
