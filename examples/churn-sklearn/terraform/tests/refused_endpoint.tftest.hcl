# Without AWS: values of the endpoint that AWS would refuse, late, are refused before anything is made. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "values_that_have_the_wrong_form_or_are_too_small" {
  command = plan

  variables {
    instance_type                        = "ml.bogus.xlarge"
    instance_count                       = 1.5
    volume_size_gib                      = 0.5
    environment                          = { "feature-flag" = "on" }
    startup_health_check_timeout_seconds = 59
    model_download_timeout_seconds       = 59
    rollout_strategy                     = "linear"
    rollout_step_percent                 = 9
    slow_seconds                         = 0
  }

  expect_failures = [
    var.instance_type,
    var.instance_count,
    var.volume_size_gib,
    var.environment,
    var.startup_health_check_timeout_seconds,
    var.model_download_timeout_seconds,
    var.rollout_step_percent,
    var.slow_seconds,
  ]
}

run "values_that_are_too_large_and_a_machine_image_that_is_none" {
  command = plan

  variables {
    instance_type                        = "ml.g5.xlarge"
    inference_ami_version                = "nope"
    volume_size_gib                      = 513
    startup_health_check_timeout_seconds = 3601
    model_download_timeout_seconds       = 3601
    environment                          = { for number in range(101) : "V${number}" => "" }
    rollout_strategy                     = "blue-green"
    rollout_wait_seconds                 = 3601
    slow_seconds                         = 3601
  }

  expect_failures = [
    var.inference_ami_version,
    var.volume_size_gib,
    var.startup_health_check_timeout_seconds,
    var.model_download_timeout_seconds,
    var.environment,
    var.rollout_strategy,
    var.rollout_wait_seconds,
    var.slow_seconds,
  ]
}

run "a_driver_for_a_type_without_a_gpu_and_an_environment_larger_than_sagemaker_takes" {
  command = plan

  variables {
    instance_type         = "ml.m5.xlarge"
    inference_ami_version = "al2-ami-sagemaker-inference-gpu-3-1"
    instance_count        = 0
    volume_size_gib       = 0
    environment           = { for number in range(33) : "V${number}" => format("%01000d", number) }
  }

  expect_failures = [
    var.inference_ami_version,
    var.instance_count,
    var.volume_size_gib,
    var.environment,
  ]
}
