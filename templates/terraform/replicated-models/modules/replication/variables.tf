variable "name" {
  description = "Name of the role that copies"
  type        = string
  nullable    = false
}

variable "bucket" {
  description = "Bucket that is copied from"
  type        = string
  nullable    = false
}

variable "bucket_arn" {
  description = "Its ARN, once it keeps versions"
  type        = string
  nullable    = false
}

variable "kms_key" {
  description = "Key of the objects there; null: SSE-S3"
  type        = object({ arn = string })
}

variable "model_prefix" {
  description = "Start of the keys that are copied"
  type        = string
  nullable    = false
}

variable "boundary" {
  description = "Policy that bounds the role; null: none"
  type        = string
}

variable "destinations" {
  description = "By region: the bucket that is copied to, once it keeps versions, and its key"
  type        = map(object({ bucket_arn = string, kms_key = optional(object({ arn = string })) }))
  nullable    = false
}
