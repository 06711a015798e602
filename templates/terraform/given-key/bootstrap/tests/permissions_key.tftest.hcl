# Without AWS: what a pipeline may do with a key that exists. `terraform test` runs it.

mock_provider "aws" {
  source = "../tests/mocks"
}

variables {
  region  = "us-east-1"
  regions = { us-east-1 = "use1", eu-west-1 = "euw1" }
  kms     = "arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
}

run "it_is_used_by_way_of_services_only_and_in_every_region" {
  command = plan

  assert {
    condition     = data.aws_iam_policy_document.key_write.statement[0].resources == toset([for region in keys(var.regions) : "arn:aws:kms:${region}:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"])
    error_message = "The key and its replicas must be named, and no other key."
  }

  assert {
    condition     = one(data.aws_iam_policy_document.key_write.statement[0].condition).variable == "kms:ViaService" && length(data.aws_iam_policy_document.key_write.statement) == 1
    error_message = "Nothing may be done with the key itself."
  }
}
