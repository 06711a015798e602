variable "name" {
  description = "Start of the configuration's name"
  type        = string
  nullable    = false
}

variable "released" {
  description = "Whether there is an image and a model; if not, no configuration"
  type        = bool
  nullable    = false
}

variable "variants" {
  description = "Production variants, the first called primary: a name, a model, machines, and a share of the traffic by weight"
  type = list(object({
    name            = string
    model           = string
    instance_type   = string
    instance_count  = number
    volume_size_gib = number
    weight          = number
  }))
  nullable = false
}

variable "shadows" {
  description = "Shadow variants, one at most: weight is the percentage of the requests that are copied to it"
  type = list(object({
    name            = string
    model           = string
    instance_type   = string
    instance_count  = number
    volume_size_gib = number
    weight          = number
  }))
  nullable = false
}

variable "inference_ami_version" {
  description = "Image of the machines, which has the GPU's driver; null: the one that the platform starts by itself"
  type        = string
}

variable "async" {
  description = "Where answers and failures go and who is told; null: callers wait for their answer"
  type        = object({ output = string, failure = string, success_topic = string, error_topic = string, max_concurrent = number })
}

variable "capture" {
  description = "Share of the requests that is kept with its answers, percent, and where; null: none is"
  type        = object({ percent = number, destination = string })
}

variable "rollout" {
  description = "How the endpoint moves over to this configuration"
  type        = object({ strategy = string, step_percent = number, wait_seconds = number, rollback = bool })
  nullable    = false
}

variable "kms_key" {
  description = "Key of the volumes; null: one that AWS owns. Local NVMe disks are encrypted by the machine, with or without it"
  type        = object({ arn = string })
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
