# How an update replaces what runs, and what takes it back.

variable "rollout_strategy" {
  description = "all-at-once: a second fleet takes all requests; canary, linear: it takes a share first, or share by share; rolling: batches of machines are replaced, without a second fleet"
  type        = string
  nullable    = false

  validation {
    condition     = contains(["all-at-once", "canary", "linear", "rolling"], var.rollout_strategy)
    error_message = "rollout_strategy is all-at-once, canary, linear or rolling."
  }
}

variable "rollout_step_percent" {
  description = "Size of a step, percent of the machines; all-at-once has none"
  type        = number
  nullable    = false

  validation {
    condition     = var.rollout_strategy == "all-at-once" || (var.rollout_step_percent >= lookup({ linear = 10, rolling = 5 }, var.rollout_strategy, 1) && var.rollout_step_percent <= 50 && floor(var.rollout_step_percent) == var.rollout_step_percent)
    error_message = "rollout_step_percent is a whole number up to 50: from 1 for canary, 10 for linear, 5 for rolling."
  }
}

variable "rollout_wait_seconds" {
  description = "Seconds that the alarms are watched after a step"
  type        = number
  nullable    = false

  validation {
    condition     = var.rollout_wait_seconds >= 0 && var.rollout_wait_seconds <= 3600 && floor(var.rollout_wait_seconds) == var.rollout_wait_seconds
    error_message = "rollout_wait_seconds is a whole number from 0 to 3600."
  }
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

  validation {
    condition     = var.slow_seconds >= 1 && var.slow_seconds <= 3600
    error_message = "slow_seconds is 1 to 3600."
  }
}
