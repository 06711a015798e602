output "name" {
  description = "Name of the model; null without a release"
  value       = one(aws_sagemaker_model.this[*].name)
}
