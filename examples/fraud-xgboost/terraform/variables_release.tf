# What is released. Every region runs the same image and the same model, each from its own registry and bucket.

variable "image_digest" {
  description = "Image to run, by digest; null: none yet, and so no endpoint. No default, so that a lost release file cannot take a live endpoint down"
  type        = string

  validation {
    condition     = var.image_digest == null ? true : can(regex("^sha256:[0-9a-f]{64}$", var.image_digest))
    error_message = "image_digest is sha256: and 64 hexadecimal digits, as `make push` writes it; a tag can move, a digest cannot."
  }
}

variable "model_key" {
  description = "Model to serve, as a key in each region's bucket; null: none yet, and so no endpoint"
  type        = string

  validation {
    condition     = var.model_key == null ? true : can(regex("^models/.+\\.tar\\.gz$", var.model_key))
    error_message = "model_key is models/NAME.tar.gz, as `make upload` writes it; the role can read nothing outside of models/."
  }
}
