variable "vpc_id" {
  description = "VPC that the containers run in"
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Its subnets for them, in two zones or more"
  type        = list(string)
  nullable    = false
}
