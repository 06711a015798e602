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
  description = "Model to serve, as a key in each region's bucket, or the address of one that lies in S3 already; null: none yet, and so no endpoint"
  type        = string

  validation {
    condition     = var.model_key == null ? true : can(regex("^(models|s3:/)/.*(/|\\.tar\\.gz)$", var.model_key))
    error_message = "model_key is models/NAME.tar.gz, a folder models/NAME/, or the address of an artifact that lies in S3 already, as `make upload` writes it."
  }
}
