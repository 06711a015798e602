# Without AWS: the alarms of an endpoint without machines. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "errors_memory_and_the_limit_are_watched" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code  = "euw1"
    image_digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    model_key    = "models/1/model.tar.gz"
  }

  assert {
    condition = { for alarm in aws_cloudwatch_metric_alarm.health : alarm.metric_name => alarm.namespace } == {
      Invocation5XXErrors                       = "AWS/SageMaker"
      MemoryUtilization                         = "/aws/sagemaker/Endpoints"
      ServerlessConcurrentExecutionsUtilization = "AWS/SageMaker"
    }
    error_message = "Each must be looked for where SageMaker tells it."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.health : alarm.dimensions == tomap({ EndpointName = var.name, VariantName = "primary" })])
    error_message = "They must watch the endpoint's only variant."
  }
}

run "nothing_is_watched_before_a_release" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code  = "euw1"
    image_digest = null
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.health) == 0
    error_message = "There must be no alarm without an endpoint."
  }
}
