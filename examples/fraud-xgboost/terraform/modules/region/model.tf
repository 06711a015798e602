module "model" {
  source = "../model"

  name        = var.name
  release     = local.release
  mode        = "SingleModel"
  role_arn    = module.iam.role_arn
  environment = merge(var.environment, local.environment)
  network     = local.network
}
