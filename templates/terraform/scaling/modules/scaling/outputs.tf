output "target" {
  description = "The scalable target, for further policies; null without an endpoint"
  value = one([for target in aws_appautoscaling_target.this : {
    arn         = target.arn
    resource_id = target.resource_id
    dimension   = target.scalable_dimension
  }])
}
