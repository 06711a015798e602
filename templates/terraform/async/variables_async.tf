# Of an asynchronous endpoint.

variable "max_concurrent_per_instance" {
  description = "Requests at one time on an instance"
  type        = number
  nullable    = false

  validation {
    condition     = var.max_concurrent_per_instance >= 1 && var.max_concurrent_per_instance <= 1000 && floor(var.max_concurrent_per_instance) == var.max_concurrent_per_instance
    error_message = "max_concurrent_per_instance is a whole number from 1 to 1000."
  }
}

variable "notify_email" {
  description = "Address told of successes and failures, once it has confirmed; null: nobody is"
  type        = string
}
