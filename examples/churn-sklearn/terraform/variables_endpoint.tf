# What runs: the machine, and how long it may take to start.

variable "instance_type" {
  description = "Machine that serves the model; byocgen checks that it exists and fits"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^ml\\.[a-z]+[0-9]+[a-z0-9-]*\\.(medium|large|xlarge|[0-9]+xlarge|metal)$", var.instance_type))
    error_message = "instance_type must look like ml.m5.xlarge."
  }
}

variable "instance_count" {
  description = "Machines at the start and after each release: SageMaker goes back to this number whenever the configuration changes"
  type        = number
  nullable    = false

  validation {
    condition     = var.instance_count >= 1 && floor(var.instance_count) == var.instance_count
    error_message = "instance_count is a whole number, 1 or more; two or more are spread over zones."
  }
}

variable "volume_size_gib" {
  description = "Size of each machine's EBS volume; null on families that bring their own NVMe disk, which take none"
  type        = number

  validation {
    condition     = var.volume_size_gib == null ? true : var.volume_size_gib >= 1 && var.volume_size_gib <= 512 && floor(var.volume_size_gib) == var.volume_size_gib
    error_message = "volume_size_gib is a whole number from 1 to 512, or null."
  }
}

variable "inference_ami_version" {
  description = "Image of the machines, which has the GPU's driver; null: the one that the platform starts by itself"
  type        = string

  validation {
    condition     = var.inference_ami_version == null ? true : can(regex("^al2[0-9]*-ami-sagemaker-inference-gpu-[0-9]+(-[0-9]+)?$", var.inference_ami_version))
    error_message = "inference_ami_version looks like al2-ami-sagemaker-inference-gpu-3-1, or is null."
  }

  validation {
    condition     = var.inference_ami_version == null ? true : can(regex("^ml\\.(g|p)[0-9]", var.instance_type))
    error_message = "inference_ami_version is for GPU types: it chooses their driver."
  }
}

variable "startup_health_check_timeout_seconds" {
  description = "Seconds from the container's start until GET /ping must answer 200"
  type        = number
  nullable    = false

  validation {
    condition     = var.startup_health_check_timeout_seconds >= 60 && var.startup_health_check_timeout_seconds <= 3600
    error_message = "startup_health_check_timeout_seconds is 60 to 3600."
  }
}

variable "model_download_timeout_seconds" {
  description = "Seconds in which the model must be fetched from S3 and unpacked"
  type        = number
  nullable    = false

  validation {
    condition     = var.model_download_timeout_seconds >= 60 && var.model_download_timeout_seconds <= 3600
    error_message = "model_download_timeout_seconds is 60 to 3600."
  }
}
