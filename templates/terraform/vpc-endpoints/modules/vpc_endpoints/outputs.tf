output "security_group_id" {
  description = "Security group of the interface endpoints"
  value       = aws_security_group.this.id
}
