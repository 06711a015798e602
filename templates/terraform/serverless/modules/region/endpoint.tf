module "configuration" {
  source = "../configuration"

  name                    = var.name
  model                   = local.release == null ? null : { name = module.model.name }
  memory_mib              = var.memory_mib
  max_concurrency         = var.max_concurrency
  provisioned_concurrency = var.provisioned_concurrency
}

module "sagemaker" {
  source = "../sagemaker"

  name          = var.name
  configuration = local.release == null ? null : { name = module.configuration.name }
  log_group     = aws_cloudwatch_log_group.this.name
}
