# Where Terraform keeps what it knows of your stack. Without a backend that is the file terraform.tfstate in this folder: fine for
# a trial, lost with the machine. This file is yours; byocgen never changes it.
#
# For work that others share, keep the state in S3. The bucket must exist already, with versioning, encryption and no public
# access; `use_lockfile` (Terraform 1.10 and later) keeps two applies apart with a lock file beside the state, so no table is needed.
#
# terraform {
#   backend "s3" {
#     bucket       = "your-terraform-state"
#     key          = "your-endpoint/terraform.tfstate" # one key for each stack
#     region       = "us-east-1"
#     encrypt      = true
#     use_lockfile = true
#   }
# }
#
# Then: terraform -chdir=terraform init -migrate-state
