variable "name" {
  description = "Start of the model's name"
  type        = string
  nullable    = false
}

variable "release" {
  description = "Image, by digest, and model to serve; null: no model"
  type        = object({ image = string, model_data_url = string })
}

variable "mode" {
  description = "SingleModel, or MultiModel: the image serves every archive below the model's address"
  type        = string
  nullable    = false
}

variable "role_arn" {
  description = "Execution role, which must be able to do its work by the time this is known"
  type        = string
  nullable    = false
}

variable "environment" {
  description = "Environment of the container"
  type        = map(string)
  nullable    = false
}

variable "network" {
  description = "Where the containers run in a VPC, and whether without any outbound network; null: outside of one"
  type        = object({ subnet_ids = list(string), security_group_ids = list(string), isolation = bool })
}
