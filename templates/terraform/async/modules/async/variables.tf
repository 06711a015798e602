variable "name" {
  description = "Start of the names of the topics"
  type        = string
  nullable    = false
}

variable "notify_email" {
  description = "Address told of successes and failures; null: nobody is"
  type        = string
}

variable "kms_key" {
  description = "Key of the messages; null: one that AWS owns"
  type        = object({ arn = string })
}
