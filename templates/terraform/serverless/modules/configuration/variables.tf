variable "name" {
  description = "Start of the configuration's name"
  type        = string
  nullable    = false
}

variable "model" {
  description = "Model to serve; null: no configuration"
  type        = object({ name = string })
}

variable "memory_mib" {
  description = "Memory of a container"
  type        = number
  nullable    = false
}

variable "max_concurrency" {
  description = "Most invocations at one time"
  type        = number
  nullable    = false
}

variable "provisioned_concurrency" {
  description = "Invocations kept warm; 0: none"
  type        = number
  nullable    = false
}
