# The endpoint, its models and configurations. The role that SageMaker takes can be handed to SageMaker only.

data "aws_iam_policy_document" "hosting_read" {
  statement {
    sid = "ReadHosting"
    actions = [
      "sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel", "sagemaker:ListTags",
    ]
    resources = concat(local.endpoints, local.versions)
  }
}

data "aws_iam_policy_document" "hosting_write" {
  statement {
    sid       = "MakeVersions"
    actions   = ["sagemaker:CreateEndpointConfig", "sagemaker:CreateModel", "sagemaker:DeleteEndpointConfig", "sagemaker:DeleteModel"]
    resources = local.versions
  }

  statement {
    sid       = "MakeEndpoint"
    actions   = ["sagemaker:CreateEndpoint", "sagemaker:DeleteEndpoint", "sagemaker:UpdateEndpoint"]
    resources = concat(local.endpoints, local.versions) # the configuration that it serves is asked for, too
  }

  statement {
    sid       = "TagHosting"
    actions   = ["sagemaker:AddTags", "sagemaker:DeleteTags"]
    resources = concat(local.endpoints, local.versions)
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
