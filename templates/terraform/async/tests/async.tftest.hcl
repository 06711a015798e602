# Without AWS: an endpoint whose callers do not wait. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "messages_are_encrypted_and_somebody_is_told" {
  command = plan

  module {
    source = "./modules/async"
  }

  variables {
    name         = "pricing"
    notify_email = "ml@example.com"
    kms_key      = { arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
  }

  assert {
    condition     = alltrue([for topic in aws_sns_topic.this : topic.kms_master_key_id == var.kms_key.arn])
    error_message = "Both topics must be encrypted with the key."
  }

  assert {
    condition     = sort([for subscription in aws_sns_topic_subscription.this : subscription.endpoint]) == tolist(["ml@example.com", "ml@example.com"])
    error_message = "The address must be told of answers and of failures."
  }
}

run "answers_are_encrypted" {
  command = plan

  module {
    source = "./modules/configuration"
  }

  variables {
    name     = "pricing"
    released = true
    variants = [
      { name = "primary", model = "pricing-1", instance_type = "ml.m5.xlarge", instance_count = 1, volume_size_gib = null, weight = 100 },
    ]
    shadows                  = []
    inference_ami_version    = null
    capture                  = null
    rollout                  = { strategy = "all-at-once", step_percent = 10, wait_seconds = 300, rollback = true }
    startup_timeout_seconds  = 300
    download_timeout_seconds = 600
    kms_key                  = { arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
    async = {
      output         = "s3://pricing/async/output/"
      failure        = "s3://pricing/async/failure/"
      success_topic  = "arn:aws:sns:eu-west-1:123456789012:pricing-success"
      error_topic    = "arn:aws:sns:eu-west-1:123456789012:pricing-error"
      max_concurrent = 4
    }
  }

  assert {
    condition     = aws_sagemaker_endpoint_configuration.this[0].async_inference_config[0].output_config[0].kms_key_id == var.kms_key.arn
    error_message = "Answers must be encrypted with the key."
  }

  assert {
    condition     = aws_sagemaker_endpoint_configuration.this[0].async_inference_config[0].output_config[0].notification_config[0].error_topic == var.async.error_topic
    error_message = "Failures must be told to their topic."
  }
}

run "a_region_s_requests_and_answers_are_in_its_own_bucket" {
  module {
    source = "./modules/region"
  }

  override_resource {
    target = module.s3.aws_s3_bucket.this
    values = { id = "pricing-apse1-123456789012", arn = "arn:aws:s3:::pricing-apse1-123456789012" }
  }

  variables {
    region_code   = "apse1"
    bucket_prefix = "pricing"
  }

  assert {
    condition     = [output.async_input, local.async.output, local.async.failure] == [for kind in ["input", "output", "failure"] : "s3://${local.bucket}/async/${kind}/"]
    error_message = "Nothing may go to another region's bucket."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.async.statement : statement.resources if contains(["ReadRequests", "WriteAnswers"], statement.sid)] == [for kinds in [["input"], ["failure", "output"]] : toset([for kind in kinds : "arn:aws:s3:::${local.bucket}/async/${kind}/*"])]
    error_message = "The role must be let read and write where it is told to, and nowhere else."
  }
}

run "failures_take_an_update_back" {
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
    condition     = aws_cloudwatch_metric_alarm.this["failures"].metric_name == "InvocationFailures" && aws_cloudwatch_metric_alarm.this["failures"].dimensions == tomap({ EndpointName = var.name, VariantName = "primary" })
    error_message = "SageMaker counts failures for the endpoint, not for a configuration of it."
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.this), "overhead")
    error_message = "Callers who do not wait have no overhead."
  }
}

run "more_at_one_time_than_sagemaker_takes" {
  command = plan

  variables {
    max_concurrent_per_instance = 1001
  }

  expect_failures = [var.max_concurrent_per_instance]
}
