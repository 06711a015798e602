# How an update replaces what runs; the root's variables of the same names say what is allowed.

variable "rollout_strategy" {
  description = "all-at-once, canary, linear or rolling"
  type        = string
  nullable    = false
}

variable "rollout_step_percent" {
  description = "Size of a step, percent of the machines"
  type        = number
  nullable    = false
}

variable "rollout_wait_seconds" {
  description = "Seconds that the alarms are watched after a step"
  type        = number
  nullable    = false
}

variable "rollback" {
  description = "Whether the alarms take a bad update back"
  type        = bool
  nullable    = false
}

variable "slow_seconds" {
  description = "Seconds in the container after which a request counts as a fault of the release"
  type        = number
  nullable    = false
}
