# Where the containers run.

variable "vpc_id" {
  description = "VPC that the containers run in"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^vpc-[0-9a-z]+$", var.vpc_id))
    error_message = "vpc_id looks like vpc-0abc."
  }
}

variable "subnet_ids" {
  description = "Its subnets for them, in two zones or more"
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(distinct(var.subnet_ids)) >= 2 && length(var.subnet_ids) <= 16 && alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-z]+$", id))])
    error_message = "subnet_ids are 2 to 16 different ids such as subnet-0abc."
  }
}
