# What transform jobs read and write. `make transform` starts one; Terraform has no resource for it.

variable "transform_input" {
  description = "Folder in S3 that jobs read; null: transform/input/ in the bucket"
  type        = string

  validation {
    condition     = var.transform_input == null ? true : can(regex("^s3://[a-z0-9][a-z0-9.-]+/.+/$", var.transform_input))
    error_message = "transform_input looks like s3://bucket/prefix/."
  }
}

variable "transform_output" {
  description = "Folder in S3 that jobs write; null: transform/output/ in the bucket"
  type        = string

  validation {
    condition     = var.transform_output == null ? true : can(regex("^s3://[a-z0-9][a-z0-9.-]+/.+/$", var.transform_output))
    error_message = "transform_output looks like s3://bucket/prefix/."
  }
}
