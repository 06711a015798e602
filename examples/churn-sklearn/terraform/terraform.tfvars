# Written by byocgen from byocgen.yaml. Change the manifest, not this file.
# Values of your own go into another *.auto.tfvars file.

# name of the project, its endpoint and what belongs to it
name = "churn"

# ECR takes lower case and single hyphens
repository_name = "churn"

# bucket names are global: region and account are appended
bucket_prefix = "churn"

# role names are global to an account: the region is appended
role_prefix = "churn"

# the first region; bucket, registry and endpoint lie in the same one
region = "eu-west-1"

# on every resource
tags = {
  cost-center = "4711"
  team        = "growth"
}

# a key of this stack, rotated every year, usable by nobody else
kms = "managed"

# 4 vCPUs, 16 GiB, amd64
instance_type = "ml.m5.xlarge"

# instances of the first deployment
instance_count = 2

# SageMaker's own default
volume_size_gib = null

# no GPU is used, so no driver
inference_ami_version = null

# the manifest says so
environment = {
  FEATURE_FLAG = "on"
}

# start of the container to its first healthy ping: 300 s
startup_health_check_timeout_seconds = 300

# download and unpacking of the model: 600 s
model_download_timeout_seconds = 600

# logs cost money for as long as they are kept
log_retention_days = 90

# a second fleet takes all requests at once; the old one stands by while the alarms are watched
rollout_strategy = "all-at-once"

# of the machines, in each step
rollout_step_percent = 10

# two bad minutes of three are seen in it, CloudWatch's delay included
rollout_wait_seconds = 300

# an alarm takes the update back
rollback = true

# half of the 30 s after which a request is given up
slow_seconds = 15
