# Without AWS: an endpoint that serves many models. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "it_serves_the_archives_of_a_folder" {
  module {
    source = "./modules/region"
  }

  variables {
    region_code   = "euw1"
    bucket_prefix = "pricing"
    image_digest  = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    model_key     = "models/1/"
  }

  assert {
    condition     = output.models == "s3://pricing-euw1-123456789012/models/1/"
    error_message = "Callers must be told the folder that the models are in."
  }

  # What SageMaker is told stands in the model's name, as a hash.
  assert {
    condition = split("-", trimprefix(output.model_name, "${var.name}-"))[0] == substr(sha256(jsonencode({
      image       = output.image_uri
      data        = output.models
      mode        = "MultiModel"
      environment = merge(var.environment, local.environment)
      role        = output.role_arn
      network     = local.network
    })), 0, 8)
    error_message = "SageMaker must be told that there are many models, and where."
  }
}
