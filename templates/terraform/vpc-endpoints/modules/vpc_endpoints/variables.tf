variable "name" {
  description = "Name of the endpoint that needs them"
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the services"
  type        = string
  nullable    = false
}

variable "vpc_id" {
  description = "VPC in which they answer"
  type        = string
  nullable    = false
}

variable "vpc_cidr" {
  description = "Addresses that may ask them"
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Subnets of their interfaces, one a zone"
  type        = list(string)
  nullable    = false
}
