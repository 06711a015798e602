# Without AWS: what SageMaker is told of the model. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name        = "pricing"
  release     = { image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/pricing@sha256:1", model_data_url = "s3://pricing/models/all/" }
  role_arn    = "arn:aws:iam::123456789012:role/pricing"
  environment = {}
  network     = null
}

run "a_folder_of_plain_files_is_a_source" {
  command = plan

  module {
    source = "./modules/model"
  }

  variables {
    mode = "SingleModel"
  }

  assert {
    condition     = aws_sagemaker_model.this[0].primary_container[0].model_data_url == null && one(aws_sagemaker_model.this[0].primary_container[0].model_data_source).s3_data_source[0].s3_uri == var.release.model_data_url
    error_message = "A folder must be read as a folder."
  }
}

run "a_folder_of_many_models_is_an_address" {
  command = plan

  module {
    source = "./modules/model"
  }

  variables {
    mode = "MultiModel"
  }

  assert {
    condition     = aws_sagemaker_model.this[0].primary_container[0].model_data_url == var.release.model_data_url && length(aws_sagemaker_model.this[0].primary_container[0].model_data_source) == 0
    error_message = "The archives of many models go by the address of their folder."
  }
}

run "an_isolated_model_in_a_vpc" {
  command = plan

  module {
    source = "./modules/model"
  }

  variables {
    mode    = "SingleModel"
    network = { subnet_ids = ["subnet-a", "subnet-b"], security_group_ids = ["sg-1"], isolation = true }
  }

  assert {
    condition     = aws_sagemaker_model.this[0].enable_network_isolation && toset(one(aws_sagemaker_model.this[0].vpc_config).subnets) == toset(["subnet-a", "subnet-b"])
    error_message = "The container must be cut off, and in these subnets."
  }
}

run "an_isolated_model_outside_of_a_vpc" {
  command = plan

  module {
    source = "./modules/model"
  }

  variables {
    mode    = "SingleModel"
    network = { subnet_ids = [], security_group_ids = [], isolation = true }
  }

  assert {
    condition     = aws_sagemaker_model.this[0].enable_network_isolation && length(aws_sagemaker_model.this[0].vpc_config) == 0
    error_message = "It must be cut off, and in no VPC."
  }
}
