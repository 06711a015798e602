# Of this region; the root's variables of the same names say what is allowed.

variable "region" {
  description = "Region of everything in this module"
  type        = string
  nullable    = false
}

variable "region_code" {
  description = "Its short form, such as euw1, in names that are global"
  type        = string
  nullable    = false
}

variable "name" {
  description = "Name of the endpoint; models, configurations and alarms start with it"
  type        = string
  nullable    = false
}

variable "repository_name" {
  description = "Name of the ECR repository"
  type        = string
  nullable    = false
}

variable "bucket_prefix" {
  description = "Start of the model bucket's name; region and account id follow"
  type        = string
  nullable    = false
}

variable "role_prefix" {
  description = "Start of the execution role's name; the region follows"
  type        = string
  nullable    = false
}

variable "kms" {
  description = "Encryption at rest: managed, aws or the ARN of a key"
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that the container's output is kept; 0 keeps it for ever"
  type        = number
  nullable    = false
}

variable "environment" {
  description = "Environment of the container, beside what the image sets"
  type        = map(string)
  nullable    = false
}

variable "image_digest" {
  description = "Image to run, by digest; null: none yet"
  type        = string
}

variable "model_key" {
  description = "Key of the model to serve; null: none yet"
  type        = string
}
