# How it grows and shrinks; the root's variables of the same names say what is allowed.

variable "min_capacity" {
  description = "Machines of each variant, at least"
  type        = number
  nullable    = false
}

variable "max_capacity" {
  description = "Machines of each variant, at most"
  type        = number
  nullable    = false
}

variable "scaling_target" {
  description = "Invocations a minute that one machine is kept at"
  type        = number
  nullable    = false
}

variable "scale_out_cooldown_seconds" {
  description = "Seconds of rest after growing"
  type        = number
  nullable    = false
}

variable "scale_in_cooldown_seconds" {
  description = "Seconds of rest after shrinking"
  type        = number
  nullable    = false
}

variable "scaling_schedule" {
  description = "Other limits at certain times, by name; a limit that is null stays as it is"
  type        = map(object({ schedule = string, timezone = string, min = number, max = number }))
  nullable    = false
}
