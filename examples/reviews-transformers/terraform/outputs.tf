# Of the default region; all regions are in `regions`. `make` and the release flow read these.

output "region" {
  description = "Default region: where the image is pushed to and the model is uploaded to first"
  value       = local.home.region
}

output "account_id" {
  description = "Account of the stack"
  value       = local.home.account_id
}

output "repository_url" {
  description = "Registry that `make push` pushes to"
  value       = local.home.repository_url
}

output "bucket" {
  description = "Bucket that `make upload` uploads models to"
  value       = local.home.bucket
}

output "model_prefix" {
  description = "Start of every model's key in the bucket; the role can read nothing else"
  value       = local.home.model_prefix
}

output "role_arn" {
  description = "Execution role of the model"
  value       = local.home.role_arn
}

output "log_group" {
  description = "Where the container's output goes"
  value       = local.home.log_group
}

output "image_uri" {
  description = "Image that the endpoint runs, by digest; null until an image and a model are released"
  value       = local.home.image_uri
}

output "regions" {
  description = "The same and more of every region, by its name"
  value       = local.regions
}
