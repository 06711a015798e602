# The stack's way to S3, in the route tables of its subnets.

data "aws_iam_policy_document" "vpc_gateway_read" {
  #checkov:skip=CKV_AWS_356:EC2 describes networks for a whole account only

  statement {
    sid       = "DescribeGateway"
    actions   = ["ec2:DescribePrefixLists", "ec2:DescribeRouteTables", "ec2:DescribeVpcEndpoints"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "vpc_gateway_write" {
  statement {
    sid       = "MakeGateway"
    actions   = ["ec2:CreateVpcEndpoint"]
    resources = ["${local.ec2}:vpc/${var.vpc_id}", "${local.ec2}:route-table/*", "${local.ec2}:vpc-endpoint/*"]
  }

  statement {
    sid       = "DeleteGateway"
    actions   = ["ec2:DeleteVpcEndpoints"]
    resources = ["${local.ec2}:vpc-endpoint/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/${local.project_tag}"
      values   = [local.tags[local.project_tag]]
    }
  }

  # Route tables are the VPC's own and have no tag of this project; an endpoint of another one is not changed.
  statement {
    sid       = "RouteToGateway"
    actions   = ["ec2:ModifyVpcEndpoint"]
    resources = ["${local.ec2}:route-table/*", "${local.ec2}:vpc-endpoint/*"]

    condition {
      test     = "StringEqualsIfExists"
      variable = "aws:ResourceTag/${local.project_tag}"
      values   = [local.tags[local.project_tag]]
    }
  }
}
