# The security group of the containers. EC2 knows its owner by the tag that says which project it belongs to.

locals {
  ec2             = "arn:${local.partition}:ec2:${local.region}:${local.account_id}"
  security_groups = "${local.ec2}:security-group/*"
}

data "aws_iam_policy_document" "vpc_read" {
  #checkov:skip=CKV_AWS_356:EC2 describes networks for a whole account only

  statement {
    sid = "DescribeNetwork"
    actions = [
      "ec2:DescribeManagedPrefixLists", "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets",
      "ec2:DescribeVpcAttribute", "ec2:DescribeVpcs", "ec2:GetManagedPrefixListEntries",
    ]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "vpc_write" {
  statement {
    sid       = "MakeSecurityGroups"
    actions   = ["ec2:CreateSecurityGroup"]
    resources = [local.security_groups]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/${local.project_tag}"
      values   = [local.tags[local.project_tag]]
    }
  }

  statement {
    sid       = "MakeSecurityGroupsHere"
    actions   = ["ec2:CreateSecurityGroup"]
    resources = ["${local.ec2}:vpc/${var.vpc_id}"]
  }

  statement {
    sid       = "TagNetwork"
    actions   = ["ec2:CreateTags", "ec2:DeleteTags"]
    resources = [local.security_groups, "${local.ec2}:security-group-rule/*", "${local.ec2}:vpc-endpoint/*"]
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
