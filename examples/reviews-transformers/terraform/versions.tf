# Written by byocgen from byocgen.yaml. Change the manifest, not this file.
terraform {
  # validation of a variable may look at another one
  required_version = ">= 1.9"

  required_providers {
    # arguments that the stack uses exist from here
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.70, < 7"
    }
  }
}
