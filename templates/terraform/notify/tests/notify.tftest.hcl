# Without AWS: who is told of alarms. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "messages_are_encrypted_and_somebody_listens" {
  command = plan

  module {
    source = "./modules/notify"
  }

  variables {
    name         = "pricing-alarms"
    email        = "ml@example.com"
    alarm_prefix = "pricing-"
    kms_key      = { arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
  }

  assert {
    condition     = aws_sns_topic.this.kms_master_key_id == var.kms_key.arn
    error_message = "Messages must be encrypted with the key."
  }

  assert {
    condition     = aws_sns_topic_subscription.this[0].endpoint == var.email
    error_message = "The address must listen."
  }
}

run "every_alarm_of_people_tells_the_topic" {
  module {
    source = "./modules/region"
  }

  variables {
    region_code  = "euw1"
    image_digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    model_key    = "models/1/model.tar.gz"
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.health) > 0 && alltrue([for alarm in aws_cloudwatch_metric_alarm.health : toset(alarm.alarm_actions) == toset([module.notify.topic_arn]) && alarm.ok_actions == alarm.alarm_actions])
    error_message = "Each must tell the topic when it fires and when it is over."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.health : alarm.dimensions.EndpointName == var.name])
    error_message = "They must watch the endpoint."
  }
}

run "an_address_that_is_none" {
  command = plan

  variables {
    alarm_email = "nobody"
  }

  expect_failures = [var.alarm_email]
}
