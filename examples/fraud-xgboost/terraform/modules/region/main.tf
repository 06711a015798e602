# Everything of one region: registry, bucket, role, key, logs and endpoint. While either half of the release is null there is no
# endpoint: the first apply makes the rest, the apply after `make push` and `make upload` the endpoint.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  dns_suffix = data.aws_partition.current.dns_suffix # another one in China

  # Names that are global carry the region: those of roles in an account, those of buckets everywhere, hence also the account.
  bucket         = "${var.bucket_prefix}-${var.region_code}-${local.account_id}"
  role           = "${var.role_prefix}-${var.region_code}-execution"
  model_prefix   = "models/"
  alarm_prefix   = "${var.name}-"
  repository_arn = "arn:${local.partition}:ecr:${var.region}:${local.account_id}:repository/${var.repository_name}"

  # Objects, so that modules can ask whether there is one at all before what is in it is known.
  kms_key = var.kms == "aws" ? null : { arn = var.kms == "managed" ? one(aws_kms_key.this[*].arn) : local.given_key }
  release = var.image_digest == null || var.model_key == null ? null : {
    image          = "${module.ecr.repository_url}@${var.image_digest}"
    model_data_url = startswith(var.model_key, "s3://") ? var.model_key : "s3://${module.s3.name}/${var.model_key}"
  }
}

module "ecr" {
  source = "../ecr"

  name    = var.repository_name
  kms_key = local.kms_key
}

module "s3" {
  source = "../s3"

  name        = local.bucket
  kms_key     = local.kms_key
  expirations = local.expirations
}

module "iam" {
  source = "../iam"

  name              = local.role
  region            = var.region
  repository_arn    = local.repository_arn
  bucket_arn        = module.s3.arn
  model_prefix      = local.model_prefix
  log_group         = local.log_group
  metric_namespaces = local.metric_namespaces
  kms_key           = local.kms_key
  policies          = local.role_policies
  boundary          = local.boundary
}
