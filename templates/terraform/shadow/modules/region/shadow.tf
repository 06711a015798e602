# A shadow variant answers a copy of the requests; its answers go nowhere, its metrics count.

variable "shadow_instance_type" {
  description = "Machine of the shadow"
  type        = string
  nullable    = false
}

variable "shadow_percent" {
  description = "Share of the requests that are copied to it"
  type        = number
  nullable    = false
}

locals {
  candidate_names = ["shadow"]

  shadows_shadow = [{
    name            = "shadow"
    model           = module.candidate["shadow"].name
    instance_type   = var.shadow_instance_type
    instance_count  = var.instance_count
    volume_size_gib = var.volume_size_gib
    weight          = var.shadow_percent
  }]
}
