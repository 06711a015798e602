output "security_group_id" {
  description = "Security group of the containers"
  value       = aws_security_group.this.id
}

output "role_policy" {
  description = "What the execution role may do to connect the containers, as JSON"
  value       = data.aws_iam_policy_document.this.json
}
