variable "name" {
  description = "Name of the bucket"
  type        = string
  nullable    = false
}

variable "kms_key" {
  description = "Key of the objects; null: SSE-S3"
  type        = object({ arn = string })
}
