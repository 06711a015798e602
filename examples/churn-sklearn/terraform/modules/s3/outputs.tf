output "name" {
  description = "Name of the bucket"
  value       = aws_s3_bucket.this.id
}

output "versioned_arn" {
  description = "ARN of the bucket, once it keeps versions"
  value       = aws_s3_bucket.this.arn
  depends_on  = [aws_s3_bucket_versioning.this]
}

output "arn" {
  description = "ARN of the bucket"
  value       = aws_s3_bucket.this.arn
}
