module "sagemaker" {
  source = "../sagemaker"

  name                         = var.name
  release                      = local.release
  role_arn                     = module.iam.role_arn
  environment                  = merge(var.environment, local.environment)
  instance_type                = var.instance_type
  instance_count               = var.instance_count
  volume_size_gib              = var.volume_size_gib
  kms_key                      = local.kms_key
  network                      = local.network
  startup_timeout_seconds      = var.startup_health_check_timeout_seconds
  download_timeout_seconds     = var.model_download_timeout_seconds
  rollback_alarms              = [for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name]
  rollback_observation_seconds = local.observation_seconds
  log_group                    = aws_cloudwatch_log_group.this.name
}
