# Further production variants.

variable "variants" {
  description = "Variants beside primary, by name: a share of the traffic and machines"
  type        = map(object({ percent = number, instance_type = string, instance_count = number }))
  nullable    = false

  validation {
    condition     = sum(concat([0], [for variant in values(var.variants) : variant.percent])) < 100 && !contains(keys(var.variants), "primary")
    error_message = "The shares of variants are less than 100 together, so that primary has some; no further variant is called primary."
  }
}
