locals {
  primary = {
    name            = "primary"
    model           = module.model.name
    instance_type   = var.instance_type
    instance_count  = var.instance_count
    volume_size_gib = var.volume_size_gib
    weight          = 100 - sum(concat([0], local.variants[*].weight))
  }

  rollout = {
    strategy     = var.rollout_strategy
    step_percent = var.rollout_step_percent
    wait_seconds = var.rollout_wait_seconds
    rollback     = var.rollback
  }
}

module "configuration" {
  source = "../configuration"

  name                     = var.name
  released                 = local.release != null
  variants                 = concat([local.primary], local.variants)
  shadows                  = local.shadows
  async                    = local.async
  inference_ami_version    = var.inference_ami_version
  capture                  = local.capture
  rollout                  = local.rollout
  kms_key                  = local.kms_key
  startup_timeout_seconds  = var.startup_health_check_timeout_seconds
  download_timeout_seconds = var.model_download_timeout_seconds
}

module "sagemaker" {
  source = "../sagemaker"

  name            = var.name
  configuration   = local.release == null ? null : { name = module.configuration.name }
  kind            = local.async == null ? "waiting" : "asynchronous"
  rollout         = local.rollout
  rollback_alarms = var.rollback ? [for key in local.rollback_keys : aws_cloudwatch_metric_alarm.this[key].alarm_name if local.release != null] : aws_cloudwatch_metric_alarm.never[*].alarm_name
  log_group       = aws_cloudwatch_log_group.this.name
}
