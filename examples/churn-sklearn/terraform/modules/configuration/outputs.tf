output "name" {
  description = "Configuration that the endpoint is to have; null without a release"
  value       = one(aws_sagemaker_endpoint_configuration.this[*].name)
}
