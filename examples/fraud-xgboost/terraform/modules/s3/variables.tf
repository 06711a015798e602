variable "name" {
  description = "Name of the bucket"
  type        = string
  nullable    = false
}

variable "expirations" {
  description = "Days after which the objects of a folder are deleted, by its prefix"
  type        = map(number)
  default     = {}
  nullable    = false
}

variable "kms_key" {
  description = "Key of the objects; null: SSE-S3"
  type        = object({ arn = string })
}

variable "policies" {
  description = "Who else may use it: bucket policies as JSON"
  type        = list(string)
  default     = []
  nullable    = false
}

variable "expire_days" {
  description = "Days that an object is kept; 0: for ever"
  type        = number
  default     = 0
  nullable    = false
}

variable "disposable" {
  description = "Whether a destroy takes what is in it along; where not, it fails until the bucket is empty"
  type        = bool
  default     = false
  nullable    = false
}
