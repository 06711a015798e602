# Models that further variants serve in the release's place.

variable "candidates" {
  description = "Image and model of variants by name, kept in candidates.auto.tfvars.json; a null, and a variant that is not here, is the release's"
  type        = map(object({ image_digest = optional(string), model_key = optional(string) }))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for one in values(var.candidates) : one.image_digest == null ? true : can(regex("^sha256:[0-9a-f]{64}$", one.image_digest))])
    error_message = "A candidate's image_digest is sha256: and 64 hexadecimal digits, or null; a tag can move, a digest cannot."
  }

  validation {
    condition     = alltrue([for one in values(var.candidates) : one.model_key == null ? true : can(regex("^(models|s3:/)/.*(/|\\.tar\\.gz)$", one.model_key))])
    error_message = "A candidate's model_key is models/NAME.tar.gz, a folder models/NAME/, or the address of a model that lies in S3 already, or null."
  }
}
