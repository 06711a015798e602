variable "name" {
  description = "Name of the trail"
  type        = string
  nullable    = false
}

variable "log_bucket" {
  description = "Bucket that it writes to"
  type        = string
  nullable    = false
}

variable "bucket_arn" {
  description = "Bucket whose objects it watches"
  type        = string
  nullable    = false
}

variable "kms_key" {
  description = "Key of its files; null: SSE-S3"
  type        = object({ arn = string })
}
