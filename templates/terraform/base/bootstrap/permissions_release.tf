# What `make push`, `scan`, `upload` and `destroy` do beside Terraform: images into the registry, models into the bucket.

data "aws_iam_policy_document" "release_write" {
  #checkov:skip=CKV_AWS_356:a login to ECR has no resource to name

  statement {
    sid       = "RegistryLogin"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid = "PushImages"
    actions = [
      "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:GetDownloadUrlForLayer",
      "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
    ]
    resources = local.repositories
  }

  statement {
    sid       = "LookAtImages"
    actions   = ["ecr:DescribeImageScanFindings", "ecr:DescribeImages"]
    resources = local.repositories
  }

  statement {
    sid       = "UploadModels"
    actions   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
    resources = local.archives
  }

  statement {
    sid       = "DeleteImages"
    actions   = ["ecr:BatchDeleteImage", "ecr:ListImages"]
    resources = local.repositories
  }

  statement {
    sid       = "FindVersions"
    actions   = ["s3:ListBucketVersions"]
    resources = local.buckets
  }

  # Whatever is in it: models, and what the endpoint and its callers left.
  statement {
    sid       = "EmptyBuckets"
    actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    resources = [for bucket in local.buckets : "${bucket}/*"]
  }
}
