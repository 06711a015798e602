# Further production variants get a share of the traffic; primary has the rest.

variable "variants" {
  description = "Variants beside primary, by name"
  type        = map(object({ percent = number, instance_type = string, instance_count = number }))
  nullable    = false
}

locals {
  candidate_names = keys(var.variants)

  variants_variants = [
    for name, variant in var.variants : {
      name            = name
      model           = module.candidate[name].name
      instance_type   = variant.instance_type
      instance_count  = variant.instance_count
      volume_size_gib = var.volume_size_gib
      weight          = variant.percent
    }
  ]
}
