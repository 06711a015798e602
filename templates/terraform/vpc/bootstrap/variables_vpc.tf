variable "vpc_id" {
  description = "VPC that the containers run in"
  type        = string
  nullable    = false
}
