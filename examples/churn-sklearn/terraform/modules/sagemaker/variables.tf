variable "name" {
  description = "Name of the endpoint"
  type        = string
  nullable    = false
}

variable "configuration" {
  description = "Configuration that the endpoint is to have; null: no endpoint"
  type        = object({ name = string })
}

variable "kind" {
  description = "What no update can change: whether callers wait for their answer, and whether there are machines"
  type        = string
  nullable    = false
}

variable "rollback_alarms" {
  description = "Alarms that roll an update back, one at least while there is an endpoint"
  type        = list(string)
  nullable    = false
}

variable "rollout" {
  description = "How an update replaces what runs: all-at-once, canary, linear or rolling; the size of a step, and how long the alarms are watched after each"
  type        = object({ strategy = string, step_percent = number, wait_seconds = number, rollback = bool })
  nullable    = false
}

variable "log_group" {
  description = "Where the container's output goes. It must exist before the endpoint: SageMaker would make it, without a key and for ever"
  type        = string
  nullable    = false
}
