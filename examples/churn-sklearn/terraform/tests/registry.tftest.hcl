# Without AWS: the registry of the images. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "images_have_the_key" {
  command = plan

  module {
    source = "./modules/ecr"
  }

  variables {
    name    = "pricing"
    kms_key = { arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
  }

  assert {
    condition     = one(aws_ecr_repository.this.encryption_configuration).encryption_type == "KMS" && one(aws_ecr_repository.this.encryption_configuration).kms_key == var.kms_key.arn
    error_message = "Images must be encrypted with the key."
  }

  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE" && !aws_ecr_repository.this.force_delete
    error_message = "A tag must name the same image for ever, and a plan alone must not take the images."
  }
}

run "without_a_key_ecr_encrypts_them" {
  command = plan

  module {
    source = "./modules/ecr"
  }

  variables {
    name    = "pricing"
    kms_key = null
  }

  assert {
    condition     = one(aws_ecr_repository.this.encryption_configuration).encryption_type == "AES256"
    error_message = "Images must be encrypted in any case."
  }
}
