module "wake" {
  source = "../wake"

  endpoint = local.release == null ? null : { name = module.sagemaker.endpoint_name }
  target   = module.scaling.target
}
