# What runs: the machine, and the container's settings.

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

variable "environment" {
  description = "Environment of the container, beside what the image sets"
  type        = map(string)
  nullable    = false

  validation {
    condition     = alltrue([for key, value in var.environment : can(regex("^[a-zA-Z_][a-zA-Z0-9_]*$", key)) && length(key) <= 1024 && length(value) <= 1024])
    error_message = "Names in environment start with a letter or _, then letters, digits and _; names and values have at most 1024 characters."
  }

  validation {
    condition     = length(var.environment) <= 100 && length(base64encode(join("", concat(keys(var.environment), values(var.environment))))) * 3 / 4 <= 32768
    error_message = "SageMaker takes 100 variables, 32 KiB together."
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
