output "topic_arns" {
  description = "The topics: success and error"
  value       = { for name, topic in aws_sns_topic.this : name => topic.arn }
}
