# Without AWS: images that ECR copies. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "they_go_to_every_other_region" {
  command = plan

  assert {
    condition     = toset(one(one(aws_ecr_replication_configuration.this.replication_configuration).rule).destination[*].region) == setsubtract(keys(local.region_codes), [var.region])
    error_message = "Every region but the default one must get them."
  }

  assert {
    condition     = one(one(one(aws_ecr_replication_configuration.this.replication_configuration).rule).repository_filter).filter == var.repository_name
    error_message = "Only this repository may be copied."
  }
}
