# The security group of the containers. EC2 knows its owner by the tag that says which project it belongs to.

locals {
  ec2             = "arn:${local.partition}:ec2:${local.region}:${local.account_id}"
  security_groups = "${local.ec2}:security-group/*"
  network         = [local.security_groups, "${local.ec2}:security-group-rule/*", "${local.ec2}:vpc-endpoint/*"]
}

data "aws_iam_policy_document" "vpc_read" {
  #checkov:skip=CKV_AWS_356:EC2 describes networks for a whole account only

  statement {
    sid = "DescribeNetwork"
    actions = [
      "ec2:DescribeManagedPrefixLists", "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets",
      "ec2:DescribeVpcs",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "ReadNetwork"
    actions   = ["ec2:DescribeVpcAttribute", "ec2:GetManagedPrefixListEntries"]
    resources = ["${local.ec2}:vpc/${var.vpc_id}", "arn:${local.partition}:ec2:${local.region}:*:prefix-list/*"]
  }
}

data "aws_iam_policy_document" "vpc_write" {
  statement {
    sid       = "MakeSecurityGroups"
    actions   = ["ec2:CreateSecurityGroup"]
    resources = [local.security_groups, "${local.ec2}:vpc/${var.vpc_id}"]
  }

  # What is made gets its tags with it. Later they are changed on what is this project's already, and on nothing else.
  statement {
    sid       = "TagNewNetwork"
    actions   = ["ec2:CreateTags"]
    resources = local.network

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values = [
        "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateSecurityGroup", "CreateVpcEndpoint",
      ]
    }
  }

  statement {
    sid       = "TagNetwork"
    actions   = ["ec2:CreateTags", "ec2:DeleteTags"]
    resources = local.network

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/${local.project_tag}"
      values   = [local.tags[local.project_tag]]
    }
  }

  statement {
    sid = "ChangeSecurityGroups"
    actions = [
      "ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:DeleteSecurityGroup", "ec2:ModifySecurityGroupRules",
      "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress",
    ]
    resources = [local.security_groups, "${local.ec2}:security-group-rule/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/${local.project_tag}"
      values   = [local.tags[local.project_tag]]
    }
  }
}
