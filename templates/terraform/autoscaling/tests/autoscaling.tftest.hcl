# Without AWS: machines that follow the invocations. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "every_variant_follows_its_own" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code    = "euw1"
    image_digest   = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    model_key      = "models/1/"
    scaling_target = 300
  }

  assert {
    condition     = alltrue([for scaling in module.scaling : scaling.tracking == { metric = "SageMakerVariantInvocationsPerInstance", target = 300 }])
    error_message = "The invocations of a machine must be followed."
  }

  assert {
    condition     = { for name, scaling in module.scaling : name => scaling.target.resource_id } == { for name in concat(["primary"], local.variants[*].name) : name => "endpoint/${var.name}/variant/${name}" }
    error_message = "Each variant that answers callers must grow by itself; a shadow grows with nobody."
  }
}
