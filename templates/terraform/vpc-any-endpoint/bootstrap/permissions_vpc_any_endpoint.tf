# What the gateway and the interface endpoints have in common.

data "aws_iam_policy_document" "vpc_any_endpoint_read" {
  #checkov:skip=CKV_AWS_356:EC2 describes networks for a whole account only

  statement {
    sid       = "DescribeEndpoints"
    actions   = ["ec2:DescribePrefixLists", "ec2:DescribeVpcEndpoints"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "vpc_any_endpoint_write" {
  statement {
    sid       = "DeleteEndpoints"
    actions   = ["ec2:DeleteVpcEndpoints"]
    resources = ["${local.ec2}:vpc-endpoint/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/${local.project_tag}"
      values   = [local.tags[local.project_tag]]
    }
  }

  # Route tables, subnets and groups of the VPC have no tag of this project; an endpoint of another one is not changed.
  statement {
    sid       = "ChangeEndpoints"
    actions   = ["ec2:ModifyVpcEndpoint"]
    resources = [for kind in ["route-table", "security-group", "subnet", "vpc-endpoint"] : "${local.ec2}:${kind}/*"]

    condition {
      test     = "StringEqualsIfExists"
      variable = "aws:ResourceTag/${local.project_tag}"
      values   = [local.tags[local.project_tag]]
    }
  }
}
