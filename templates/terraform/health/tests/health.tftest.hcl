# Without AWS: the alarms of the machines. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "memory_and_disk_of_every_variant_are_watched" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code  = "euw1"
    image_digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    model_key    = "models/1/"
  }

  assert {
    condition = toset([for alarm in aws_cloudwatch_metric_alarm.health : "${alarm.dimensions.VariantName} ${alarm.metric_name}"]) == toset([
      for one in setproduct(concat(["primary"], local.variants[*].name, local.shadows[*].name), ["MemoryUtilization", "DiskUtilization"]) : join(" ", one)
    ])
    error_message = "A full memory and a full disk must be told of each variant."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.health : alarm.namespace == "/aws/sagemaker/Endpoints" && alarm.statistic == "Maximum" && alarm.dimensions.EndpointName == var.name])
    error_message = "SageMaker tells of machines in this namespace; the fullest counts."
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
