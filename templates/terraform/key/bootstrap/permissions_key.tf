# The stack's own key. New keys are made for this project only, and no other project's key is touched: the tag tells.

data "aws_iam_policy_document" "key_read" {
  statement {
    sid       = "ReadKeys"
    actions   = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
    resources = local.keys

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/${local.project_tag}"
      values   = [local.tags[local.project_tag]]
    }
  }
}

data "aws_iam_policy_document" "key_write" {
  #checkov:skip=CKV_AWS_356:a key that is not made yet has no name; its tag is the condition

  statement {
    sid       = "CreateKeys"
    actions   = ["kms:CreateKey"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/${local.project_tag}"
      values   = [local.tags[local.project_tag]]
    }
  }

  # KMS cannot tell a new key from an old one here. A key that belongs to a project or has an alias, as one made in the console always
  # does, cannot be made this one's; for the rest, `security.kms` with a key's ARN leaves no pipeline any key to manage.
  statement {
    sid       = "TagNewKeys"
    actions   = ["kms:TagResource"]
    resources = local.keys

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/${local.project_tag}"
      values   = [local.tags[local.project_tag]]
    }

    dynamic "condition" {
      for_each = ["aws:ResourceTag/${local.project_tag}", "kms:ResourceAliases"]

      content {
        test     = "Null"
        variable = condition.value
        values   = ["true"]
      }
    }
  }

  statement {
    sid = "ManageKeys"
    actions = [
      "kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource",
      "kms:UpdateKeyDescription",
    ]
    resources = local.keys

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/${local.project_tag}"
      values   = [local.tags[local.project_tag]]
    }
  }

  # ECR and SageMaker encrypt by grants, which they ask for in the name of whoever makes the repository or the endpoint.
  statement {
    sid       = "UseKeys"
    actions   = ["kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey", "kms:RetireGrant"]
    resources = local.keys

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/${local.project_tag}"
      values   = [local.tags[local.project_tag]]
    }

    condition {
      test     = "StringLike"
      variable = "kms:ViaService"
      values   = [for service in ["ecr", "s3", "sagemaker"] : "${service}.${local.region}.*"]
    }
  }
}
