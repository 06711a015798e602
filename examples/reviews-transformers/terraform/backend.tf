# Where Terraform keeps what it knows of your stack. Without a backend that is the file terraform.tfstate in this folder: fine for
# a trial, lost with the machine. This file is yours; byocgen never changes it.
#
# For work that others share, keep the state in S3: `make bootstrap` makes a bucket, writes the block below with its name here, and
# moves the state. With a bucket that exists, write it yourself, then: terraform -chdir=terraform init -migrate-state
#
# terraform {
#   backend "s3" {
#     bucket       = "your-terraform-state"            # private, versioned and encrypted
#     key          = "your-endpoint/terraform.tfstate" # one key for each stack
#     region       = "us-east-1"
#     encrypt      = true
#     use_lockfile = true # Terraform 1.10 and later: a lock file beside the state keeps two applies apart
#   }
# }
