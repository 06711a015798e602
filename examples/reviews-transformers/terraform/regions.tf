# Written by byocgen from byocgen.yaml. Change the manifest, not this file.

locals {
  home      = module.euc1 # the default region
  home_code = "euc1"

  region_codes = {
    eu-central-1 = "euc1"
  }

  regions = {
    eu-central-1 = module.euc1
  }
}

module "euc1" {
  source    = "./modules/region"
  providers = { aws = aws }

  region                               = var.region
  region_code                          = "euc1"
  name                                 = var.name
  repository_name                      = var.repository_name
  bucket_prefix                        = var.bucket_prefix
  role_prefix                          = var.role_prefix
  kms                                  = var.kms
  log_retention_days                   = var.log_retention_days
  environment                          = var.environment
  image_digest                         = var.image_digest
  model_key                            = var.model_key
  instance_type                        = var.instance_type
  instance_count                       = var.instance_count
  volume_size_gib                      = var.volume_size_gib
  inference_ami_version                = var.inference_ami_version
  startup_health_check_timeout_seconds = var.startup_health_check_timeout_seconds
  model_download_timeout_seconds       = var.model_download_timeout_seconds
  rollout_strategy                     = var.rollout_strategy
  rollout_step_percent                 = var.rollout_step_percent
  rollout_wait_seconds                 = var.rollout_wait_seconds
  rollback                             = var.rollback
  slow_seconds                         = var.slow_seconds
}
