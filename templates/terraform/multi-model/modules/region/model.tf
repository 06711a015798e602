module "model" {
  source = "../model"

  name        = var.name
  release     = local.release
  mode        = "MultiModel" # every archive below the address; the caller names one
  role_arn    = module.iam.role_arn
  environment = merge(var.environment, local.environment)
  network     = local.network
}

output "models" {
  description = "Folder whose archives the endpoint serves: a caller names one by TargetModel, its key below this; null until one is released"
  value       = one(local.release[*].model_data_url)
}
