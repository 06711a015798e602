output "endpoint_arn" {
  description = "ARN of the endpoint; null without a release"
  value       = one(aws_sagemaker_endpoint.this[*].arn)
}

output "endpoint_name" {
  description = "Name of the endpoint, once it is there; null without a release"
  value       = one(aws_sagemaker_endpoint.this[*].name)
}
