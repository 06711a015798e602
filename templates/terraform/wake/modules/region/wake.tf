module "wake" {
  source = "../wake"

  endpoint = local.release == null ? null : { name = var.name }
  target   = module.scaling.target
}
