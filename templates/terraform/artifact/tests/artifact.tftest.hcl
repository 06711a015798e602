# Without AWS: a model that lies in S3 already. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "the_role_may_read_the_archive_and_no_more" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code = "euw1"
    artifact    = "s3://elsewhere/churn.tar.gz"
  }

  assert {
    condition     = data.aws_iam_policy_document.artifact.statement[0].resources == toset(["arn:aws:s3:::elsewhere/churn.tar.gz"])
    error_message = "An archive must be named itself."
  }
}

run "or_what_is_in_the_folder" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code = "euw1"
    artifact    = "s3://elsewhere/churn/"
  }

  assert {
    condition     = data.aws_iam_policy_document.artifact.statement[0].resources == toset(["arn:aws:s3:::elsewhere/churn/*"])
    error_message = "A folder must be named with what is in it."
  }
}

run "an_artifact_that_is_none" {
  command = plan

  variables {
    artifact = "s3://elsewhere/churn.joblib"
  }

  expect_failures = [var.artifact]
}
