variable "name" {
  description = "Name of the endpoint"
  type        = string
  nullable    = false
}

variable "configuration" {
  description = "Configuration that the endpoint is to have; null: no endpoint"
  type        = object({ name = string })
}

variable "log_group" {
  description = "Where the container's output goes. It must exist before the endpoint: SageMaker would make it, without a key and for ever"
  type        = string
  nullable    = false
}
