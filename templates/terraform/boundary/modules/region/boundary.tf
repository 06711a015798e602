# The account asks for a boundary on every role.

variable "permissions_boundary" {
  description = "ARN of the policy that bounds what the execution role may do, whatever its own policies say"
  type        = string
  nullable    = false
}

locals {
  boundary_of_account = var.permissions_boundary
}
