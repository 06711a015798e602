# What the container says.

locals {
  log_group         = "/aws/sagemaker/Endpoints/${var.name}" # SageMaker decides this name
  metric_namespaces = ["/aws/sagemaker/Endpoints", "AWS/SageMaker"]
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:with kms = "aws" the logs are encrypted with a key that AWS owns, as asked for
  #checkov:skip=CKV_AWS_338:how long logs are kept is a value of the manifest
  name              = local.log_group
  retention_in_days = var.log_retention_days
  kms_key_id        = one(local.kms_key[*].arn)
}
