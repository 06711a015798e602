variable "capture_percent" {
  description = "Share of the requests that is kept with its answers, percent"
  type        = number
  nullable    = false

  validation {
    condition     = var.capture_percent >= 1 && var.capture_percent <= 100 && floor(var.capture_percent) == var.capture_percent
    error_message = "capture_percent is a whole number from 1 to 100."
  }
}

variable "capture_retention_days" {
  description = "Days after which what was kept is deleted"
  type        = number
  nullable    = false

  validation {
    condition     = var.capture_retention_days >= 1 && var.capture_retention_days <= 3650 && floor(var.capture_retention_days) == var.capture_retention_days
    error_message = "capture_retention_days is a whole number from 1 to 3650."
  }
}
