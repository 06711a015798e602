variable "monthly_budget_usd" {
  description = "What this stack may cost in a month, US dollars; more is told, nothing is switched off"
  type        = number
  nullable    = false

  validation {
    condition     = var.monthly_budget_usd > 0
    error_message = "monthly_budget_usd is more than 0."
  }
}

variable "budget_email" {
  description = "Address that is told"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.budget_email))
    error_message = "budget_email is an e-mail address."
  }
}
