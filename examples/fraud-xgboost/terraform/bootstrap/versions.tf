terraform {
  required_version = ">= 1.10" # the state's lock is a file in S3 from here

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7" # GitHub's certificate needs no thumbprint here, and this release was run
    }
  }
}
