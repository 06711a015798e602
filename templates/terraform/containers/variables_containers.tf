# Containers that a request passes through before and after this model's.

variable "containers_before" {
  description = "Containers before it"
  type        = list(object({ image = string, model_data_url = string, environment = map(string) }))
  nullable    = false
}

variable "containers_after" {
  description = "Containers after it"
  type        = list(object({ image = string, model_data_url = string, environment = map(string) }))
  nullable    = false

  validation {
    condition     = length(var.containers_before) + length(var.containers_after) >= 1 && length(var.containers_before) + length(var.containers_after) <= 14
    error_message = "A pipeline has 2 to 15 containers, this model's included."
  }
}
