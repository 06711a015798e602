# Copies of the models: one rule for each region, and a role that can read these objects here and write copies there.

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "Copies models to the buckets of other regions"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.boundary
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "ReadRules"
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [var.bucket_arn]
  }

  statement {
    sid       = "ReadModels"
    actions   = ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"]
    resources = ["${var.bucket_arn}/${var.model_prefix}*"]
  }

  statement {
    sid       = "WriteCopies"
    actions   = ["s3:ReplicateObject", "s3:ReplicateTags"]
    resources = [for one in values(var.destinations) : "${one.bucket_arn}/${var.model_prefix}*"]
  }

  dynamic "statement" {
    for_each = var.kms_key[*]

    content {
      sid       = "DecryptModels"
      actions   = ["kms:Decrypt"]
      resources = [statement.value.arn]
    }
  }

  dynamic "statement" {
    for_each = var.kms_key[*] # all regions have a key, or none has

    content {
      sid       = "EncryptCopies"
      actions   = ["kms:Encrypt", "kms:GenerateDataKey"]
      resources = [for one in values(var.destinations) : one.kms_key.arn]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "copy"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

resource "aws_s3_bucket_replication_configuration" "this" {
  bucket = var.bucket
  role   = aws_iam_role.this.arn

  dynamic "rule" {
    for_each = var.destinations

    content {
      id       = rule.key
      priority = index(keys(var.destinations), rule.key)
      status   = "Enabled"

      filter {
        prefix = var.model_prefix
      }

      delete_marker_replication {
        status = "Disabled" # what is deleted here is deleted there by whoever means to
      }

      dynamic "source_selection_criteria" {
        for_each = var.kms_key[*]

        content {
          sse_kms_encrypted_objects {
            status = "Enabled"
          }
        }
      }

      destination {
        bucket = rule.value.bucket_arn

        dynamic "encryption_configuration" {
          for_each = var.kms_key[*]

          content {
            replica_kms_key_id = rule.value.kms_key.arn
          }
        }
      }
    }
  }

  depends_on = [aws_iam_role_policy.this]
}
