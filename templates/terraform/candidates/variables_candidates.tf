# Models that further variants serve in the release's place.

variable "candidates" {
  description = "Image and model of variants by name, kept in candidates.auto.tfvars.json; a null, and a variant that is not here, is the release's"
  type        = map(object({ image_digest = optional(string), model_key = optional(string) }))
  default     = {}
  nullable    = false
}
