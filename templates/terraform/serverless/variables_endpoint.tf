# What runs: SageMaker has the machines, the memory is chosen.

variable "memory_mib" {
  description = "Memory of a container, MiB"
  type        = number
  nullable    = false

  validation {
    condition     = contains([1024, 2048, 3072, 4096, 5120, 6144], var.memory_mib)
    error_message = "memory_mib is 1024 to 6144 in steps of 1024."
  }
}

variable "max_concurrency" {
  description = "Most invocations at one time; further ones are refused"
  type        = number
  nullable    = false

  validation {
    condition     = var.max_concurrency >= 1 && var.max_concurrency <= 200 && floor(var.max_concurrency) == var.max_concurrency
    error_message = "max_concurrency is a whole number from 1 to 200."
  }
}

variable "provisioned_concurrency" {
  description = "Invocations kept warm; 0: none"
  type        = number
  nullable    = false

  validation {
    condition     = var.provisioned_concurrency >= 0 && var.provisioned_concurrency <= var.max_concurrency && floor(var.provisioned_concurrency) == var.provisioned_concurrency
    error_message = "provisioned_concurrency is a whole number, at most max_concurrency."
  }
}
