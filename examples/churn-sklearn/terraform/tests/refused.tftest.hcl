# Without AWS: values that AWS would refuse, late, are refused before anything is made. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

# The rest of the values is that of terraform.tfvars.
variables {
  name               = "pricing"
  repository_name    = "pricing"
  bucket_prefix      = "pricing"
  role_prefix        = "pricing"
  region             = "eu-west-1"
  tags               = {}
  kms                = "aws"
  log_retention_days = 30
  image_digest       = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
  model_key          = "models/1/model.tar.gz"
}

run "values_that_have_the_wrong_form" {
  command = plan

  variables {
    name               = "pricing-"
    repository_name    = "Pricing"
    bucket_prefix      = "pricing_eu"
    role_prefix        = "team/pricing"
    tags               = { team = "growth \"core\"" }
    kms                = "arn:aws:kms:eu-west-1:123456789012:alias/pricing"
    log_retention_days = 31
    image_digest       = "latest"
    model_key          = "models/1/model.joblib"
  }

  expect_failures = [
    var.name,
    var.repository_name,
    var.bucket_prefix,
    var.role_prefix,
    var.tags,
    var.kms,
    var.log_retention_days,
    var.image_digest,
    var.model_key,
  ]
}

run "a_region_that_is_none" { # alone: the check of kms needs a region that passed
  command = plan

  variables {
    region = "eu-west"
  }

  expect_failures = [var.region]
}

run "names_that_have_the_wrong_length_and_values_that_contradict_each_other" {
  command = plan

  variables {
    name            = "a-name-of-forty-one-characters-1234567890"
    repository_name = "p"
    bucket_prefix   = "a-prefix-of-forty-three-characters-12345678"
    role_prefix     = "a-prefix-of-forty-seven-characters-123456789012"
    tags            = { Team = "growth", team = "core" }
    kms             = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    model_key       = "other/1/model.tar.gz" # the role could not read it
  }

  expect_failures = [
    var.name,
    var.repository_name,
    var.bucket_prefix,
    var.role_prefix,
    var.tags,
    var.kms,
    var.model_key,
  ]
}
