variable "name" {
  description = "Name of the endpoint; models, configurations and alarms start with it"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9](-*[a-zA-Z0-9])*$", var.name)) && length(var.name) <= 40
    error_message = "name takes at most 40 letters, digits and hyphens, with a letter or digit at both ends; names made from it grow to 58 characters, and SageMaker takes 63."
  }
}

variable "repository_name" {
  description = "Name of the ECR repository"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+([._/-][a-z0-9]+)*$", var.repository_name)) && length(var.repository_name) >= 2 && length(var.repository_name) <= 256
    error_message = "repository_name takes 2 to 256 lower-case letters and digits, with single . _ - or / between them."
  }
}

variable "bucket_prefix" {
  description = "Start of the model buckets' names; region and account id follow"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]*$", var.bucket_prefix)) && length(var.bucket_prefix) <= 42
    error_message = "bucket_prefix takes at most 42 lower-case letters, digits and hyphens; with region and account id the name has 63, the most that S3 takes."
  }
}

variable "role_prefix" {
  description = "Start of the execution roles' names; IAM is global, so the region follows"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9+=,.@_-]{1,46}$", var.role_prefix))
    error_message = "role_prefix takes 1 to 46 letters, digits and + = , . @ _ -."
  }
}

variable "region" {
  description = "Default region: where the image is pushed to"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "region must look like eu-west-1."
  }
}

variable "tags" {
  description = "Tags of every resource"
  type        = map(string)
  nullable    = false

  validation {
    condition     = alltrue([for key, value in var.tags : can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,128}$", key)) && can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,256}$", value))])
    error_message = "AWS takes letters, digits, spaces and _ . : / = + - @ in tags: 1 to 128 in a key, at most 256 in a value."
  }

  validation {
    condition     = length(distinct([for key in keys(var.tags) : lower(key)])) == length(var.tags) && !anytrue([for key in keys(var.tags) : startswith(lower(key), "aws:")])
    error_message = "Tag keys must differ in more than case (IAM refuses them otherwise), and aws: is AWS's own start of a key."
  }
}

variable "kms" {
  description = "Encryption at rest: managed (a key of this stack), aws (keys that AWS owns, SSE-S3) or the ARN of a key whose policy lets ECR, S3, SageMaker and CloudWatch Logs use it. Choose before the first apply: a registry keeps the encryption it was made with, so a change later fails until the registry is deleted"
  type        = string
  nullable    = false

  validation {
    condition     = contains(["managed", "aws"], var.kms) || can(regex("^arn:[a-z-]+:kms:${var.region}:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.kms))
    error_message = "kms is managed, aws, or the ARN of a key (not of an alias) in the default region of the stack; with several regions, of a key that has a replica in each."
  }
}

variable "log_retention_days" {
  description = "Days that the container's output is kept; 0 keeps it for ever"
  type        = number
  nullable    = false

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch Logs keeps 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days, or for ever (0)."
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
