output "deployer_role_arn" {
  description = "Role that the pipeline releases with"
  value       = aws_iam_role.this["deployer"].arn
}

output "planner_role_arn" {
  description = "Role that the pipeline plans with, for pull requests"
  value       = aws_iam_role.this["planner"].arn
}
