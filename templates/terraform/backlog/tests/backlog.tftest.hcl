# Without AWS: machines that follow the requests that wait. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "the_backlog_of_a_machine_is_followed" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code    = "euw1"
    image_digest   = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    model_key      = "models/1/model.tar.gz"
    scaling_target = 3
  }

  assert {
    condition     = module.scaling.tracking == { metric = "ApproximateBacklogSizePerInstance", target = 3 }
    error_message = "Invocations do not tell what waits."
  }

  assert {
    condition     = module.scaling.target.dimension == "sagemaker:variant:DesiredInstanceCount" && module.scaling.target.resource_id == "endpoint/${var.name}/variant/primary"
    error_message = "The machines of the only variant must follow it."
  }
}
