# One real-time endpoint and what it needs. Values are in terraform.tfvars, each with its reason, and the release (image and
# model) in release.auto.tfvars.json. While either half of the release is null there is no endpoint: the first apply makes the
# registry, the bucket, the role, the log group and the key, the apply after `make push` and `make upload` the endpoint.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account_id     = data.aws_caller_identity.current.account_id
  partition      = data.aws_partition.current.partition
  dns_suffix     = data.aws_partition.current.dns_suffix      # another one in China
  bucket         = "${var.bucket_prefix}-${local.account_id}" # bucket names are global: the account makes it ours
  model_prefix   = "models/"
  log_group      = "/aws/sagemaker/Endpoints/${var.name}" # SageMaker decides this name
  alarm_prefix   = "${var.name}-"
  repository_arn = "arn:${local.partition}:ecr:${var.region}:${local.account_id}:repository/${var.repository_name}"

  # Objects, so that modules can ask whether there is one at all before what is in it is known.
  kms_key = var.kms == "aws" ? null : { arn = var.kms == "managed" ? one(aws_kms_key.this[*].arn) : var.kms }
  release = var.image_digest == null || var.model_data_url == null ? null : {
    image          = "${module.ecr.repository_url}@${var.image_digest}"
    model_data_url = var.model_data_url
  }
}

module "ecr" {
  source = "./modules/ecr"

  name    = var.repository_name
  kms_key = local.kms_key
}

module "s3" {
  source = "./modules/s3"

  name    = local.bucket
  kms_key = local.kms_key
}

module "iam" {
  source = "./modules/iam"

  name           = var.role_name
  region         = var.region
  repository_arn = local.repository_arn
  bucket_arn     = module.s3.arn
  model_prefix   = local.model_prefix
  log_group      = local.log_group
  alarm_prefix   = local.alarm_prefix
  kms_key        = local.kms_key
}

module "sagemaker" {
  source = "./modules/sagemaker"

  name                         = var.name
  release                      = local.release
  model_location               = "s3://${module.s3.name}/${local.model_prefix}"
  role_arn                     = module.iam.role_arn
  environment                  = var.environment
  instance_type                = var.instance_type
  instance_count               = var.instance_count
  volume_size_gib              = var.volume_size_gib
  kms_key                      = local.kms_key
  startup_timeout_seconds      = var.startup_health_check_timeout_seconds
  download_timeout_seconds     = var.model_download_timeout_seconds
  rollback_alarms              = [for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name]
  rollback_observation_seconds = local.observation_seconds
  log_group                    = aws_cloudwatch_log_group.this.name
}
