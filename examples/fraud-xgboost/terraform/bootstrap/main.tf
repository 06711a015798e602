# What must be there before a team or a pipeline can work on the stack in the folder above: a bucket for Terraform's state. A stack of
# its own, applied once by an administrator: `make bootstrap` does it, and moves the state of both stacks into the bucket.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account_id   = data.aws_caller_identity.current.account_id
  partition    = data.aws_partition.current.partition
  region_code  = var.regions[var.region]
  state_bucket = "${substr(var.bucket_prefix, 0, 37)}-${local.region_code}-state-${local.account_id}" # 63 characters at most, as S3 takes
  origin       = { project = var.name, managed-by = "terraform" }
  tag_names    = [for key in keys(var.tags) : lower(key)]
  tags         = merge({ for key, value in local.origin : key => value if !contains(local.tag_names, key) }, var.tags)
}

provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}

# Every version of the state is kept for 90 days, and the bucket is not deleted while a state is in it.
module "state" {
  source = "../modules/s3"

  name    = local.state_bucket
  kms_key = null
}
