variable "alarm_email" {
  description = "Address that alarms are sent to, once it has confirmed the subscription; null: none, and whoever else subscribes to the topic"
  type        = string

  validation {
    condition     = var.alarm_email == null ? true : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.alarm_email))
    error_message = "alarm_email is an e-mail address, or null."
  }
}
