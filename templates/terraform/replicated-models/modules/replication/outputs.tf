output "role_arn" {
  description = "The role that copies"
  value       = aws_iam_role.this.arn
}
