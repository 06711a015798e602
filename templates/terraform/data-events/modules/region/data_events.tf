# Who read or wrote which model, and from where, as CloudTrail writes it down: complete, signed, and charged by the event.

locals {
  trail     = "${var.name}-${var.region_code}-models"
  trail_arn = "arn:${local.partition}:cloudtrail:${var.region}:${local.account_id}:trail/${local.trail}"
}

module "trail" {
  source = "../trail"

  name       = local.trail
  log_bucket = module.log_bucket.name
  bucket_arn = module.s3.arn
  kms_key    = local.kms_key

  depends_on = [module.log_bucket] # CloudTrail looks at its policy first
}

data "aws_iam_policy_document" "trail" {
  statement {
    sid       = "TrailLooks"
    actions   = ["s3:GetBucketAcl"]
    resources = ["arn:${local.partition}:s3:::${local.log_bucket}"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.trail_arn]
    }
  }

  statement {
    sid       = "TrailWrites"
    actions   = ["s3:PutObject"]
    resources = ["arn:${local.partition}:s3:::${local.log_bucket}/AWSLogs/${local.account_id}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.trail_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "s3:x-amz-acl"
      values   = ["bucket-owner-full-control"]
    }
  }
}

data "aws_iam_policy_document" "trail_key" {
  statement {
    sid       = "Trail"
    actions   = ["kms:DescribeKey", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.trail_arn]
    }
  }
}

locals {
  log_policies_data_events = [data.aws_iam_policy_document.trail.json]
  key_policies_data_events = [data.aws_iam_policy_document.trail_key.json]
}
