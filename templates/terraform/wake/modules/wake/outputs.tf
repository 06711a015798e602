output "alarm_name" {
  description = "Alarm that brings the first machine; null without an endpoint"
  value       = one(aws_cloudwatch_metric_alarm.this[*].alarm_name)
}
