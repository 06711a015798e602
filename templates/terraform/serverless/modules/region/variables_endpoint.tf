# What runs; the root's variables of the same names say what is allowed.

variable "memory_mib" {
  description = "Memory of a container, MiB"
  type        = number
  nullable    = false
}

variable "max_concurrency" {
  description = "Most invocations at one time; further ones are refused"
  type        = number
  nullable    = false
}

variable "provisioned_concurrency" {
  description = "Invocations kept warm; 0: none"
  type        = number
  nullable    = false
}
