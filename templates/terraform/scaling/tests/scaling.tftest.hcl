# Without AWS: what a variant grows and shrinks with. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  endpoint  = { name = "pricing" }
  variant   = "primary"
  dimension = "sagemaker:variant:DesiredInstanceCount"
  machine   = "ml.m5.xlarge"
  min       = 1
  max       = 4
  metric    = { predefined = "SageMakerVariantInvocationsPerInstance", of_endpoint = null }
  target    = 1000
  cooldowns = { out = 60, in = 300 }
  schedule  = { night = { schedule = "cron(0 22 * * ? *)", timezone = "Europe/Berlin", min = null, max = 1 } }
}

run "a_variant_follows_its_invocations" {
  command = plan

  module {
    source = "./modules/scaling"
  }

  assert {
    condition     = aws_appautoscaling_target.this[0].resource_id == "endpoint/pricing/variant/primary" && aws_appautoscaling_policy.this[0].resource_id == aws_appautoscaling_target.this[0].resource_id
    error_message = "Target and policy must be of the variant."
  }

  assert {
    condition     = one(aws_appautoscaling_policy.this[0].target_tracking_scaling_policy_configuration[0].predefined_metric_specification).predefined_metric_type == var.metric.predefined && length(aws_appautoscaling_policy.this[0].target_tracking_scaling_policy_configuration[0].customized_metric_specification) == 0
    error_message = "It must follow the metric that Application Auto Scaling knows by name."
  }

  assert {
    condition     = aws_appautoscaling_scheduled_action.this["night"].scalable_target_action[0].min_capacity == null && tostring(aws_appautoscaling_scheduled_action.this["night"].scalable_target_action[0].max_capacity) == "1"
    error_message = "A limit that is null must stay as it is."
  }
}

run "a_variant_follows_a_metric_of_the_endpoint" {
  command = plan

  module {
    source = "./modules/scaling"
  }

  variables {
    metric = { predefined = null, of_endpoint = "ApproximateBacklogSizePerInstance" }
  }

  assert {
    condition     = one(aws_appautoscaling_policy.this[0].target_tracking_scaling_policy_configuration[0].customized_metric_specification).metric_name == "ApproximateBacklogSizePerInstance"
    error_message = "It must follow the endpoint's own metric."
  }
}

run "nothing_scales_without_an_endpoint" {
  command = plan

  module {
    source = "./modules/scaling"
  }

  variables {
    endpoint = null
  }

  assert {
    condition     = length(aws_appautoscaling_target.this) + length(aws_appautoscaling_policy.this) + length(aws_appautoscaling_scheduled_action.this) == 0
    error_message = "There must be nothing to scale before a release."
  }
}

run "the_fewest_are_more_than_the_most" {
  command = plan

  module {
    source = "./modules/scaling"
  }

  variables {
    min = 5
  }

  expect_failures = [aws_appautoscaling_target.this]
}

run "limits_that_contradict_each_other" {
  command = plan

  variables {
    min_capacity               = 3
    max_capacity               = 2
    scaling_target             = 0
    scale_out_cooldown_seconds = -1
    scale_in_cooldown_seconds  = 0.5
  }

  expect_failures = [var.max_capacity, var.scaling_target, var.scale_out_cooldown_seconds, var.scale_in_cooldown_seconds]
}
