output "arn" {
  description = "The trail"
  value       = aws_cloudtrail.this.arn
}
