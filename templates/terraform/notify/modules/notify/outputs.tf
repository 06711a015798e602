output "topic_arn" {
  description = "The topic, once alarms may write to it"
  value       = aws_sns_topic.this.arn
  depends_on  = [aws_sns_topic_policy.this]
}
