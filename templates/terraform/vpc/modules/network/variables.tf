variable "name" {
  description = "Name of the endpoint"
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the VPC"
  type        = string
  nullable    = false
}

variable "vpc_id" {
  description = "VPC that the containers run in"
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Its subnets for them"
  type        = list(string)
  nullable    = false
}
