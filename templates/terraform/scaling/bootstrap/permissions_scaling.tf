# Growing and shrinking: scalable targets of SageMaker, their policies and schedules. The alarms of a policy are made in the name of
# whoever makes the policy.

locals {
  scalable_targets = ["arn:${local.partition}:application-autoscaling:${local.region}:${local.account_id}:scalable-target/*"]
}

data "aws_iam_policy_document" "scaling_read" {
  #checkov:skip=CKV_AWS_356:targets, policies and schedules can be listed for a whole region only

  statement {
    sid = "ReadScaling"
    actions = [
      "application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies",
      "application-autoscaling:DescribeScheduledActions",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "ReadScalingTags"
    actions   = ["application-autoscaling:ListTagsForResource"]
    resources = local.scalable_targets
  }
}

data "aws_iam_policy_document" "scaling_write" {
  statement {
    sid = "MakeScaling"
    actions = [
      "application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeleteScheduledAction",
      "application-autoscaling:DeregisterScalableTarget", "application-autoscaling:PutScalingPolicy",
      "application-autoscaling:PutScheduledAction", "application-autoscaling:RegisterScalableTarget",
    ]
    resources = local.scalable_targets

    condition {
      test     = "StringEquals"
      variable = "application-autoscaling:service-namespace"
      values   = ["sagemaker"]
    }
  }

  statement {
    sid       = "TagScaling"
    actions   = ["application-autoscaling:TagResource", "application-autoscaling:UntagResource"]
    resources = local.scalable_targets
  }

  statement {
    sid       = "ScaleEndpoint"
    actions   = ["sagemaker:UpdateEndpointWeightsAndCapacities"]
    resources = local.endpoints
  }

  statement {
    sid       = "MakeScalingAlarms"
    actions   = ["cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"]
    resources = ["arn:${local.partition}:cloudwatch:${local.region}:${local.account_id}:alarm:TargetTracking-endpoint/${var.name}/variant/*"]
  }

  statement {
    sid       = "MakeScalingRole"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["arn:${local.partition}:iam::${local.account_id}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/*"]

    condition {
      test     = "StringLike"
      variable = "iam:AWSServiceName"
      values   = ["sagemaker.application-autoscaling.amazonaws.com"]
    }
  }
}
