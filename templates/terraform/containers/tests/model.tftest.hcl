# Without AWS: what SageMaker is told of a pipeline of containers. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name        = "pricing"
  release     = { image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/pricing@sha256:1", model_data_url = "s3://pricing/models/all/" }
  role_arn    = "arn:aws:iam::123456789012:role/pricing"
  environment = {}
  network     = null
  before      = [{ image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/before:1", model_data_url = null, environment = {} }]
  after       = [{ image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/after:1", model_data_url = "s3://elsewhere/after.tar.gz", environment = { A = "b" } }]
}

run "requests_pass_through_in_order" {
  command = plan

  module {
    source = "./modules/model"
  }

  assert {
    condition     = [for one in aws_sagemaker_model.this[0].container : one.image] == [var.before[0].image, var.release.image, var.after[0].image]
    error_message = "The containers must stand in their order."
  }
}

run "an_isolated_pipeline" {
  command = plan

  module {
    source = "./modules/model"
  }

  variables {
    network = { subnet_ids = [], security_group_ids = [], isolation = true }
  }

  assert {
    condition     = aws_sagemaker_model.this[0].enable_network_isolation && length(aws_sagemaker_model.this[0].vpc_config) == 0
    error_message = "It must be cut off, and in no VPC."
  }
}
