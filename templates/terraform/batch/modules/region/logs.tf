# What the containers of jobs say goes to the account's one log group for all transform jobs, so this stack does not make it.

locals {
  log_group         = "/aws/sagemaker/TransformJobs"
  metric_namespaces = ["/aws/sagemaker/TransformJobs"]
}
