variable "name" {
  description = "Name of the role"
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the endpoint"
  type        = string
  nullable    = false
}

variable "repository_arn" {
  description = "Repository of the image"
  type        = string
  nullable    = false
}

variable "bucket_arn" {
  description = "Bucket of the models"
  type        = string
  nullable    = false
}

variable "model_prefix" {
  description = "Start of the keys in the bucket that can be read"
  type        = string
  nullable    = false
}

variable "log_group" {
  description = "Log group of the container"
  type        = string
  nullable    = false
}

variable "metric_namespaces" {
  description = "Where SageMaker puts the container's metrics"
  type        = list(string)
  nullable    = false
}

variable "kms_key" {
  description = "Key of the models; null: none to ask for"
  type        = object({ arn = string })
}

variable "policies" {
  description = "What features add to what the role may do: policy documents as JSON"
  type        = list(string)
  nullable    = false
}

variable "boundary" {
  description = "ARN of the policy that bounds the role; null: none"
  type        = string
}
