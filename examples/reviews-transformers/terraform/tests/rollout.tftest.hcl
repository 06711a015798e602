# Without AWS: the ways in which an update replaces what runs. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name            = "pricing"
  configuration   = { name = "pricing-1" }
  kind            = "waiting"
  rollback_alarms = ["pricing-errors"]
  log_group       = "/aws/sagemaker/Endpoints/pricing"
}

run "share_by_share" {
  command = plan

  module {
    source = "./modules/sagemaker"
  }

  variables {
    rollout = { strategy = "linear", step_percent = 20, wait_seconds = 60, rollback = true }
  }

  assert {
    condition     = aws_sagemaker_endpoint.this[0].deployment_config[0].blue_green_update_policy[0].traffic_routing_configuration[0].linear_step_size[0].value == 20
    error_message = "A linear rollout must take steps of that size."
  }
}

run "batch_by_batch" {
  command = plan

  module {
    source = "./modules/sagemaker"
  }

  variables {
    rollout = { strategy = "rolling", step_percent = 25, wait_seconds = 60, rollback = true }
  }

  assert {
    condition     = length(aws_sagemaker_endpoint.this[0].deployment_config[0].blue_green_update_policy) == 0 && aws_sagemaker_endpoint.this[0].deployment_config[0].rolling_update_policy[0].maximum_batch_size[0].value == 25
    error_message = "A rolling update has batches of that size, and no second fleet."
  }

  assert {
    condition     = one(aws_sagemaker_endpoint.this[0].deployment_config[0].auto_rollback_configuration[0].alarms).alarm_name == "pricing-errors"
    error_message = "Every rollout must be watched."
  }
}
