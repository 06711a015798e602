# The model lies in S3 already.

variable "artifact" {
  description = "Where: a folder, s3://bucket/prefix/, or an archive, s3://bucket/key.tar.gz"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^s3://[a-z0-9][a-z0-9.-]+/.*(/|\\.tar\\.gz)$", var.artifact))
    error_message = "artifact is s3://bucket/prefix/ or s3://bucket/key.tar.gz."
  }
}
