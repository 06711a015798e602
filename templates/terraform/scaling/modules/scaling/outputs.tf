output "target" {
  description = "The scalable target, for further policies; null without an endpoint"
  value = one([for target in aws_appautoscaling_target.this : {
    arn         = target.arn
    resource_id = target.resource_id
    dimension   = target.scalable_dimension
  }])
}

output "tracking" {
  description = "Metric that is followed, and the value that it is kept at; null without an endpoint"
  value = one([for policy in aws_appautoscaling_policy.this[*].target_tracking_scaling_policy_configuration[0] : {
    metric = one(concat(policy.predefined_metric_specification[*].predefined_metric_type, policy.customized_metric_specification[*].metric_name))
    target = policy.target_value
  }])
}
