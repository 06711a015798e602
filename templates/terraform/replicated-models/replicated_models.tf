# S3 copies models from the default region's bucket to the others.

module "replication" {
  source = "./modules/replication"

  name         = "${var.role_prefix}-${local.home.region_code}-replication"
  bucket       = local.home.bucket
  bucket_arn   = local.home.bucket_arn
  kms_key      = local.home.kms_key
  model_prefix = local.home.model_prefix
  boundary     = local.home.boundary
  destinations = {
    for region, made in local.regions : region => { bucket_arn = made.bucket_arn, kms_key = made.kms_key } if region != var.region
  }
}

output "models_replicated" {
  description = "Regions that S3 itself copies models to"
  value       = [for region in keys(local.region_codes) : region if region != var.region]
  depends_on  = [module.replication]
}
