# The models, and the jobs that run them. The role that SageMaker takes can be handed to SageMaker only.

locals {
  jobs = [for name in local.names : "${local.hosting}:transform-job/${name}-*"]
}

data "aws_iam_policy_document" "hosting_read" {
  statement {
    sid       = "ReadHosting"
    actions   = ["sagemaker:DescribeModel", "sagemaker:ListTags"]
    resources = local.models
  }
}

data "aws_iam_policy_document" "hosting_write" {
  statement {
    sid       = "MakeVersions"
    actions   = ["sagemaker:CreateModel", "sagemaker:DeleteModel"]
    resources = local.models
  }

  statement {
    sid       = "TagHosting"
    actions   = ["sagemaker:AddTags", "sagemaker:DeleteTags"]
    resources = concat(local.jobs, local.models)
  }

  statement {
    sid       = "RunJobs"
    actions   = ["sagemaker:CreateTransformJob", "sagemaker:DescribeTransformJob", "sagemaker:StopTransformJob"]
    resources = concat(local.jobs, local.models) # the model that it runs is asked for, too
  }

  statement {
    sid       = "PassRole"
    actions   = ["iam:PassRole"]
    resources = local.roles

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["sagemaker.amazonaws.com"]
    }
  }
}
