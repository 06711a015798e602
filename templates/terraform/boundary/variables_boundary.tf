variable "permissions_boundary" {
  description = "ARN of the policy that bounds what the execution role may do, whatever its own policies say"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary))
    error_message = "permissions_boundary is the ARN of a managed policy."
  }
}
