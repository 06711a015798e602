output "endpoint_name" {
  description = "Name to invoke the endpoint by"
  value       = var.name
}

output "endpoint_arn" {
  description = "ARN of the endpoint; null until an image and a model are released"
  value       = module.sagemaker.endpoint_arn
}

output "variant_names" {
  description = "Variants that get requests, shadows included, primary first"
  value       = concat(["primary"], local.variants[*].name, local.shadows[*].name)
}
