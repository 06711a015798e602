output "endpoint_name" {
  description = "Name to invoke the endpoint by, in every region"
  value       = local.home.endpoint_name
}

output "endpoint_arn" {
  description = "ARN of the endpoint in the default region; null until an image and a model are released"
  value       = local.home.endpoint_arn
}
