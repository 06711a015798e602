# How it grows and shrinks.

variable "min_capacity" {
  description = "Invocations kept warm, at least"
  type        = number
  nullable    = false

  validation {
    condition     = var.min_capacity >= 0 && floor(var.min_capacity) == var.min_capacity
    error_message = "min_capacity is a whole number, 0 or more."
  }
}

variable "max_capacity" {
  description = "Invocations kept warm, at most"
  type        = number
  nullable    = false

  validation {
    condition     = var.max_capacity >= var.min_capacity && floor(var.max_capacity) == var.max_capacity
    error_message = "max_capacity is a whole number, at least min_capacity."
  }
}

variable "scaling_target" {
  description = "Share of what is kept warm that is in use, 0 to 1"
  type        = number
  nullable    = false

  validation {
    condition     = var.scaling_target > 0 && var.scaling_target <= 1
    error_message = "scaling_target is a share: more than 0, at most 1."
  }
}

variable "scale_out_cooldown_seconds" {
  description = "Seconds of rest after growing"
  type        = number
  nullable    = false

  validation {
    condition     = var.scale_out_cooldown_seconds >= 0 && floor(var.scale_out_cooldown_seconds) == var.scale_out_cooldown_seconds
    error_message = "scale_out_cooldown_seconds is a whole number, 0 or more."
  }
}

variable "scale_in_cooldown_seconds" {
  description = "Seconds of rest after shrinking"
  type        = number
  nullable    = false

  validation {
    condition     = var.scale_in_cooldown_seconds >= 0 && floor(var.scale_in_cooldown_seconds) == var.scale_in_cooldown_seconds
    error_message = "scale_in_cooldown_seconds is a whole number, 0 or more."
  }
}

variable "scaling_schedule" {
  description = "Other limits at certain times, by name; a limit that is null stays as it is"
  type        = map(object({ schedule = string, timezone = string, min = number, max = number }))
  nullable    = false
}
