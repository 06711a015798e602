"""An AWS that runs on this machine: moto's server with the gaps closed that a real-time SageMaker stack meets.

Rules: nothing here knows byocgen or a generated project; a gap is one function in `sagemaker`, `policies`, `ecr` or `runtime`
that replaces methods of moto, and one test beside it that shows that stock moto still has the gap. When that test fails, the
function goes. `StandIn` (in `stand_in`) starts the server; `overrides` writes the Terraform settings that a test needs.
"""
