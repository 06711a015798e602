# Without AWS: how the first machine comes. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "a_request_that_waits_brings_one_machine" {
  module {
    source = "./modules/wake"
  }

  variables {
    endpoint = { name = "pricing" }
    target = {
      arn         = "arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/1"
      resource_id = "endpoint/pricing/variant/primary"
      dimension   = "sagemaker:variant:DesiredInstanceCount"
    }
  }

  assert {
    condition     = one(aws_cloudwatch_metric_alarm.this[0].alarm_actions) == aws_appautoscaling_policy.this[0].arn
    error_message = "The alarm must start the policy."
  }

  assert {
    condition     = one(aws_appautoscaling_policy.this[0].step_scaling_policy_configuration[0].step_adjustment).scaling_adjustment == 1 && aws_appautoscaling_policy.this[0].resource_id == var.target.resource_id
    error_message = "The policy must bring one machine of the variant."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this[0].dimensions == tomap({ EndpointName = "pricing" })
    error_message = "SageMaker counts what waits for the endpoint."
  }
}

run "nothing_wakes_without_an_endpoint" {
  command = plan

  module {
    source = "./modules/wake"
  }

  variables {
    endpoint = null
    target   = null
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 0
    error_message = "There must be no alarm before a release."
  }
}
