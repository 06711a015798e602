# Without AWS: values that AWS would refuse, late, are refused before anything is made. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

# All of them, so that nothing here depends on the values in terraform.tfvars.
variables {
  name                                 = "pricing"
  repository_name                      = "pricing"
  bucket_prefix                        = "pricing-euw1"
  role_name                            = "pricing-euw1-execution"
  region                               = "eu-west-1"
  tags                                 = {}
  kms                                  = "aws"
  instance_type                        = "ml.m5.xlarge"
  instance_count                       = 2
  volume_size_gib                      = null
  environment                          = { MODE = "on" }
  startup_health_check_timeout_seconds = 300
  model_download_timeout_seconds       = 600
  log_retention_days                   = 30
  image_digest                         = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
  model_data_url                       = "s3://pricing-euw1-123456789012/models/1/model.tar.gz"
}

run "values_that_have_the_wrong_form" {
  command = plan

  variables {
    name               = "pricing-"
    repository_name    = "Pricing"
    bucket_prefix      = "pricing_euw1"
    role_name          = "team/pricing"
    tags               = { team = "growth \"core\"" }
    kms                = "arn:aws:kms:eu-west-1:123456789012:alias/pricing"
    instance_type      = "ml.bogus.xlarge"
    instance_count     = 1.5
    volume_size_gib    = 0.5
    environment        = { "feature-flag" = "on" }
    log_retention_days = 31
    image_digest       = "latest"
    model_data_url     = "s3://pricing-euw1-123456789012/models/1/model.joblib"
  }

  expect_failures = [
    var.name,
    var.repository_name,
    var.bucket_prefix,
    var.role_name,
    var.tags,
    var.kms,
    var.instance_type,
    var.instance_count,
    var.volume_size_gib,
    var.environment,
    var.log_retention_days,
    var.image_digest,
    var.model_data_url,
  ]
}

run "a_region_that_is_none" { # alone: the check of kms needs a region that passed
  command = plan

  variables {
    region = "eu-west"
  }

  expect_failures = [var.region]
}

run "values_that_are_too_small" {
  command = plan

  variables {
    instance_count                       = 0
    volume_size_gib                      = 0
    startup_health_check_timeout_seconds = 59
    model_download_timeout_seconds       = 59
    repository_name                      = "p"
  }

  expect_failures = [
    var.instance_count,
    var.volume_size_gib,
    var.startup_health_check_timeout_seconds,
    var.model_download_timeout_seconds,
    var.repository_name,
  ]
}

run "values_that_are_too_large" {
  command = plan

  variables {
    name                                 = "a-name-of-forty-one-characters-1234567890"
    bucket_prefix                        = "a-prefix-of-fifty-one-characters-123456789012345678"
    volume_size_gib                      = 513
    startup_health_check_timeout_seconds = 3601
    model_download_timeout_seconds       = 3601
    environment                          = { for number in range(101) : "V${number}" => "" }
  }

  expect_failures = [
    var.name,
    var.bucket_prefix,
    var.volume_size_gib,
    var.startup_health_check_timeout_seconds,
    var.model_download_timeout_seconds,
    var.environment,
  ]
}

run "values_that_contradict_each_other" {
  command = plan

  variables {
    tags = { Team = "growth", team = "core" }
    kms  = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  expect_failures = [
    var.tags,
    var.kms,
  ]
}

run "an_environment_larger_than_sagemaker_takes" {
  command = plan

  variables {
    environment = { for number in range(33) : "V${number}" => format("%01000d", number) }
  }

  expect_failures = [
    var.environment,
  ]
}

run "a_model_that_the_role_cannot_read" {
  command = plan

  module {
    source = "./modules/sagemaker"
  }

  variables {
    release                      = { image = "repository@sha256:1", model_data_url = "s3://another-bucket/models/1/model.tar.gz" }
    model_location               = "s3://pricing-euw1-123456789012/models/"
    role_arn                     = "arn:aws:iam::123456789012:role/pricing-euw1-execution"
    kms_key                      = null
    startup_timeout_seconds      = 300
    download_timeout_seconds     = 600
    rollback_alarms              = ["pricing-errors"]
    rollback_observation_seconds = 300
    log_group                    = "/aws/sagemaker/Endpoints/pricing"
  }

  expect_failures = [aws_sagemaker_model.this]
}
