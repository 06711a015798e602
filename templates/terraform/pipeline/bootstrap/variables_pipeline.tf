# Names of the stack above, as in its terraform.tfvars.

variable "repository_name" {
  description = "Name of the ECR repository"
  type        = string
  nullable    = false
}

variable "role_prefix" {
  description = "Start of the names of the execution roles, and of the pipeline's roles and policies"
  type        = string
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds every role of the stack and of the pipeline; null: none"
  type        = string
}
