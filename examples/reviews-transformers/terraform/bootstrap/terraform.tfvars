# Written by byocgen from byocgen.yaml. Change the manifest, not this file.
# Values of your own go into another *.auto.tfvars file.

# name of the project, its endpoint and what belongs to it
name = "reviews"

# bucket names are global: region and account are appended
bucket_prefix = "reviews"

# the first region; bucket, registry and endpoint lie in the same one
region = "eu-central-1"

# each with the short form that names of its resources carry
regions = {
  eu-central-1 = "euc1"
}

# on every resource
tags = {
  team = "reviews"
}
