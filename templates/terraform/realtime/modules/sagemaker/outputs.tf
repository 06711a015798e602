output "configuration_name" {
  description = "Configuration that the endpoint is to have; null without a release"
  value       = one(aws_sagemaker_endpoint_configuration.this[*].name)
}

output "endpoint_arn" {
  description = "ARN of the endpoint; null without a release"
  value       = one(aws_sagemaker_endpoint.this[*].arn)
}
