output "role_arn" {
  description = "The role, once it may do what it needs to: whatever uses this waits for the policy"
  value       = aws_iam_role.this.arn
  depends_on  = [aws_iam_role_policy.this]
}
