variable "released_regions" {
  description = "Regions with an endpoint; null: all. `make infra` names those that have one already, so that a new region gets its registry and bucket before there is anything to run"
  type        = list(string)
  default     = null

  validation {
    condition     = alltrue([for region in coalesce(var.released_regions, []) : can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]+$", region))])
    error_message = "released_regions are names such as eu-west-1."
  }
}
