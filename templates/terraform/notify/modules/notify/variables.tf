variable "name" {
  description = "Name of the topic"
  type        = string
  nullable    = false
}

variable "email" {
  description = "Address that listens; null: none"
  type        = string
}

variable "alarm_prefix" {
  description = "Start of the names of the alarms that may write"
  type        = string
  nullable    = false
}

variable "kms_key" {
  description = "Key of the messages; null: none"
  type        = object({ arn = string })
}
