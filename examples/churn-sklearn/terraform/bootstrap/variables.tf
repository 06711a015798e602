variable "name" {
  description = "Name of the endpoint that the stack above makes"
  type        = string
  nullable    = false
}

variable "region" {
  description = "Default region of that stack, where the state's bucket is"
  type        = string
  nullable    = false
}

variable "regions" {
  description = "Regions of the stack above, each with the short form that names of its resources carry"
  type        = map(string)
  nullable    = false
}

variable "bucket_prefix" {
  description = "Start of the names of its buckets, and of the state's"
  type        = string
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource, as in the stack above"
  type        = map(string)
  nullable    = false
}
