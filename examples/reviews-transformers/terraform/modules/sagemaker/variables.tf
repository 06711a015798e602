variable "name" {
  description = "Name of the endpoint, and start of the names of models and configurations"
  type        = string
  nullable    = false
}

variable "release" {
  description = "Image, by digest, and model to serve; null: no model, no configuration and no endpoint"
  type        = object({ image = string, model_data_url = string })
}

variable "role_arn" {
  description = "Execution role, which must be able to do its work by the time this is known"
  type        = string
  nullable    = false
}

variable "environment" {
  description = "Environment of the container"
  type        = map(string)
  nullable    = false
}

variable "instance_type" {
  description = "Machine that serves the model"
  type        = string
  nullable    = false
}

variable "instance_count" {
  description = "Machines after each change of the configuration"
  type        = number
  nullable    = false
}

variable "volume_size_gib" {
  description = "Size of each machine's EBS volume; null: the platform's, or none on NVMe families"
  type        = number
}

variable "kms_key" {
  description = "Key of the volumes; null: one that AWS owns. Local NVMe disks are encrypted by the machine, with or without it"
  type        = object({ arn = string })
}

variable "network" {
  description = "Where the containers run in a VPC, and whether without any outbound network; null: outside of one"
  type        = object({ subnet_ids = list(string), security_group_ids = list(string), isolation = bool })
}

variable "startup_timeout_seconds" {
  description = "Seconds from the container's start until it must be healthy"
  type        = number
  nullable    = false
}

variable "download_timeout_seconds" {
  description = "Seconds in which the model must be fetched and unpacked"
  type        = number
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
