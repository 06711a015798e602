variable "endpoint" {
  description = "Endpoint of the variant; null: none yet"
  type        = object({ name = string })
}

variable "variant" {
  description = "Production variant that is scaled"
  type        = string
  nullable    = false
}

variable "dimension" {
  description = "What of it: sagemaker:variant:DesiredInstanceCount or DesiredProvisionedConcurrency"
  type        = string
  nullable    = false
}

variable "machine" {
  description = "What the variant runs on: SageMaker refuses to change it while the variant is a scalable target"
  type        = string
  nullable    = false
}

variable "min" {
  description = "Fewest"
  type        = number
  nullable    = false
}

variable "max" {
  description = "Most"
  type        = number
  nullable    = false
}

variable "metric" {
  description = "What is tracked: a metric that Application Auto Scaling knows by name, or one of the endpoint in AWS/SageMaker"
  type        = object({ predefined = string, of_endpoint = string })
  nullable    = false
}

variable "target" {
  description = "Value that the metric is kept at"
  type        = number
  nullable    = false
}

variable "cooldowns" {
  description = "Seconds of rest after growing (out) and after shrinking (in)"
  type        = object({ out = number, in = number })
  nullable    = false
}

variable "schedule" {
  description = "Other limits at certain times, by name"
  type        = map(object({ schedule = string, timezone = string, min = number, max = number }))
  nullable    = false
}
