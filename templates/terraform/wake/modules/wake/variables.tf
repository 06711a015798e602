variable "endpoint" {
  description = "Endpoint that is woken up; null: none yet"
  type        = object({ name = string })
}

variable "target" {
  description = "Its scalable target; null without an endpoint"
  type        = object({ arn = string, resource_id = string, dimension = string })
}
