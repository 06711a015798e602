# What runs; the root's variables of the same names say what is allowed.

variable "instance_type" {
  description = "Machine that serves the model"
  type        = string
  nullable    = false
}

variable "instance_count" {
  description = "Machines at the start and after each release"
  type        = number
  nullable    = false
}

variable "volume_size_gib" {
  description = "Size of each machine's EBS volume; null: none, or the platform's"
  type        = number
}

variable "inference_ami_version" {
  description = "Image of the machines, which has the GPU's driver; null: the one that the platform starts by itself"
  type        = string
}

variable "startup_health_check_timeout_seconds" {
  description = "Seconds from the container's start until it must be healthy"
  type        = number
  nullable    = false
}

variable "model_download_timeout_seconds" {
  description = "Seconds in which the model must be fetched and unpacked"
  type        = number
  nullable    = false
}
