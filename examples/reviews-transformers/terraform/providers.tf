# Written by byocgen from byocgen.yaml. Change the manifest, not this file. What every resource is tagged with is in tags.tf.

provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}
