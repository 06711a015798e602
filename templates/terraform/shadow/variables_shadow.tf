# A shadow variant answers a copy of the requests; its answers go nowhere, its metrics count.

variable "shadow_instance_type" {
  description = "Machine of the shadow"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^ml\\.[a-z]+[0-9]+[a-z0-9-]*\\.(medium|large|xlarge|[0-9]+xlarge|metal)$", var.shadow_instance_type))
    error_message = "shadow_instance_type must look like ml.m5.xlarge."
  }
}

variable "shadow_percent" {
  description = "Share of the requests that are copied to it"
  type        = number
  nullable    = false

  validation {
    condition     = var.shadow_percent >= 1 && var.shadow_percent <= 100
    error_message = "shadow_percent is 1 to 100."
  }
}
