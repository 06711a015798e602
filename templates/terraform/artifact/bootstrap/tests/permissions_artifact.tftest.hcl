# Without AWS: what a pipeline may do with a model that lies in S3 already. `terraform test` runs it.

mock_provider "aws" {
  source = "../tests/mocks"
}

run "it_finds_and_reads_the_artifact_and_nothing_beside_it" {
  command = plan

  variables {
    artifact = "s3://elsewhere/team/churn/model.tar.gz"
  }

  assert {
    condition     = data.aws_iam_policy_document.artifact_write.statement[0].resources == toset(["arn:aws:s3:::elsewhere"]) && one(data.aws_iam_policy_document.artifact_write.statement[0].condition).values == tolist(["team/churn/model.tar.gz*"])
    error_message = "Only this key may be listed."
  }

  assert {
    condition     = data.aws_iam_policy_document.artifact_write.statement[1].resources == toset(["arn:aws:s3:::elsewhere/team/churn/model.tar.gz"])
    error_message = "Only this object may be read."
  }
}
