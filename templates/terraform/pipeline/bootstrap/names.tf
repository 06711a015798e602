# What the stack above is called, as ARNs: the permissions of a pipeline name these and nothing else.

locals {
  # A stack in several regions has its resources in each of them, under the same names.
  region = length(var.regions) == 1 ? var.region : "*"
  names  = distinct([var.name, lower(var.name)]) # SageMaker writes ARNs in lower case

  state_arn    = "arn:${local.partition}:s3:::${local.state_bucket}"
  repositories = ["arn:${local.partition}:ecr:${local.region}:${local.account_id}:repository/${var.repository_name}"]
  buckets      = [for code in values(var.regions) : "arn:${local.partition}:s3:::${var.bucket_prefix}-${code}-${local.account_id}"]
  archives     = [for bucket in local.buckets : "${bucket}/models/*"]
  roles        = [for code in values(var.regions) : "arn:${local.partition}:iam::${local.account_id}:role/${var.role_prefix}-${code}-execution"]
  log_group    = "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/sagemaker/Endpoints/${var.name}"
  alarms       = ["arn:${local.partition}:cloudwatch:${local.region}:${local.account_id}:alarm:${var.name}-*"]
  hosting      = "arn:${local.partition}:sagemaker:${local.region}:${local.account_id}"
  endpoints    = [for name in local.names : "${local.hosting}:endpoint/${name}"]
  models       = [for name in local.names : "${local.hosting}:model/${name}-*"]
  configs      = [for name in local.names : "${local.hosting}:endpoint-config/${name}-*"]

  # A key has no name. The stack's keys are known by the tag that says which project they belong to.
  keys        = ["arn:${local.partition}:kms:${local.region}:${local.account_id}:key/*"]
  project_tag = one([for key in keys(local.tags) : key if lower(key) == "project"])
}
