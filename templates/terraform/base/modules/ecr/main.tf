# The image registry. A tag, once pushed, names the same image for ever; what is deployed is named by digest anyway.

resource "aws_ecr_repository" "this" {
  #checkov:skip=CKV_AWS_136:with kms = "aws" the registry is encrypted with a key that AWS owns, as asked for
  name                 = var.name
  image_tag_mutability = "IMMUTABLE"
  force_delete         = false # `make destroy` empties it first; a plan alone never takes the images with it

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = var.kms_key == null ? "AES256" : "KMS"
    kms_key         = one(var.kms_key[*].arn)
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  repository = aws_ecr_repository.this.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Images that lost their tag, and what interrupted pushes left"
        action       = { type = "expire" }
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 14 }
      },
      {
        rulePriority = 2
        description  = "Releases to go back to; an endpoint that scales out needs its image, so never fewer than you may run"
        action       = { type = "expire" }
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 100 }
      },
    ]
  })
}
