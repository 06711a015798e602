# The endpoint and its log group, its models and configurations, and the alarms that roll an update back. The role that SageMaker
# takes can be handed to SageMaker only.

data "aws_iam_policy_document" "hosting_read" {
  #checkov:skip=CKV_AWS_356:log groups can be listed for a whole region only

  statement {
    sid = "ReadHosting"
    actions = [
      "sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel", "sagemaker:ListTags",
    ]
    resources = concat(local.endpoints, local.configs, local.models)
  }

  statement {
    sid       = "ReadAlarms"
    actions   = ["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"]
    resources = local.alarms
  }

  statement {
    sid       = "ListLogs"
    actions   = ["logs:DescribeLogGroups"]
    resources = ["*"]
  }

  statement {
    sid       = "ReadLogs"
    actions   = ["logs:ListTagsForResource"]
    resources = [local.log_group]
  }
}

data "aws_iam_policy_document" "hosting_write" {
  statement {
    sid       = "MakeVersions"
    actions   = ["sagemaker:CreateEndpointConfig", "sagemaker:CreateModel", "sagemaker:DeleteEndpointConfig", "sagemaker:DeleteModel"]
    resources = concat(local.configs, local.models)
  }

  statement {
    sid       = "MakeEndpoint"
    actions   = ["sagemaker:CreateEndpoint", "sagemaker:DeleteEndpoint", "sagemaker:UpdateEndpoint"]
    resources = concat(local.endpoints, local.configs) # the configuration that it serves is asked for, too
  }

  statement {
    sid       = "TagHosting"
    actions   = ["sagemaker:AddTags", "sagemaker:DeleteTags"]
    resources = concat(local.endpoints, local.configs, local.models)
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

  statement {
    sid       = "MakeAlarms"
    actions   = ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"]
    resources = local.alarms
  }

  # CloudWatch Logs asks for a group with what is in it, but for its tags alone.
  statement {
    sid       = "MakeLogs"
    actions   = ["logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteRetentionPolicy", "logs:PutRetentionPolicy"]
    resources = ["${local.log_group}:*"]
  }

  statement {
    sid       = "TagLogs"
    actions   = ["logs:TagResource", "logs:UntagResource"]
    resources = [local.log_group]
  }
}
