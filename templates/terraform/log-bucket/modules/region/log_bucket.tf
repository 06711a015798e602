# What others write down about the model bucket. Log delivery knows no key but S3's own.

locals {
  log_bucket = "${substr(var.bucket_prefix, 0, 38)}-${var.region_code}-logs-${local.account_id}" # 63 characters at most, as S3 takes
}

module "log_bucket" {
  source = "../s3"

  name        = local.log_bucket
  kms_key     = null
  policies    = local.log_policies
  expire_days = 365
  disposable  = true # a destroyed stack's logs go with it
}

output "log_bucket" {
  description = "Bucket of the logs about the model bucket"
  value       = module.log_bucket.name
}
