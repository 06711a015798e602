output "region" {
  description = "This region"
  value       = var.region
}

output "region_code" {
  description = "Its short form, which names of its resources and its module call carry"
  value       = var.region_code
}

output "account_id" {
  description = "Account of the stack"
  value       = local.account_id
}

output "repository_url" {
  description = "Address of the image in this region, without a tag"
  value       = module.ecr.repository_url
}

output "bucket" {
  description = "Bucket of the models"
  value       = module.s3.name
}

output "bucket_arn" {
  description = "Its ARN, once it keeps versions"
  value       = module.s3.versioned_arn
}

output "kms_key" {
  description = "Key of everything here; null: keys that AWS owns"
  value       = local.kms_key
}

output "boundary" {
  description = "Policy that bounds every role; null: none"
  value       = local.boundary
}

output "model_prefix" {
  description = "Start of every model's key in the bucket; the role can read nothing else"
  value       = local.model_prefix
}

output "role_arn" {
  description = "Execution role of the model"
  value       = module.iam.role_arn
}

output "log_group" {
  description = "Where the container's output goes"
  value       = local.log_group
}

output "image_uri" {
  description = "Image that the endpoint runs, by digest; null until an image and a model are released"
  value       = one(local.release[*].image)
}

output "model_name" {
  description = "Model that SageMaker knows; null until an image and a model are released"
  value       = module.model.name
}
