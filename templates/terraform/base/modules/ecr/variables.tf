variable "name" {
  description = "Name of the repository"
  type        = string
  nullable    = false
}

variable "kms_key" {
  description = "Key of the images; null: one that AWS owns"
  type        = object({ arn = string })
}
