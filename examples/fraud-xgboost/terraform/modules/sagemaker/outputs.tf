output "endpoint_arn" {
  description = "ARN of the endpoint; null without a release"
  value       = one(aws_sagemaker_endpoint.this[*].arn)
}
