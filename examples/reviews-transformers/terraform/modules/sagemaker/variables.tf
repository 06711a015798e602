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

variable "rollback_observation_seconds" {
  description = "How long the alarms are watched before the old machines go"
  type        = number
  nullable    = false
}

variable "log_group" {
  description = "Where the container's output goes. It must exist before the endpoint: SageMaker would make it, without a key and for ever"
  type        = string
  nullable    = false
}
