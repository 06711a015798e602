# Without AWS: the containers beside the model's. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "the_role_may_pull_the_other_images_and_no_more" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code       = "euw1"
    containers_before = [{ image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/prepare:1", model_data_url = null, environment = {} }]
    containers_after  = [{ image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/prepare@sha256:1", model_data_url = "s3://elsewhere/after.tar.gz", environment = {} }]
  }

  assert {
    condition     = one(local.other_repositories) == "arn:aws:ecr:eu-west-1:123456789012:repository/team/prepare" && one(local.other_archives) == "arn:aws:s3:::elsewhere/after.tar.gz"
    error_message = "The role must name each repository, without a tag or a digest, and each archive."
  }
}

run "a_pipeline_of_one" {
  command = plan

  variables {
    containers_before = []
    containers_after  = []
  }

  expect_failures = [var.containers_after]
}
