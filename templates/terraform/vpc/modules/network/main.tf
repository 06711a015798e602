# What the containers may reach in the VPC, and what SageMaker may do there to connect them. What they reach beside S3 is added by whoever
# knows where AWS's services are: the endpoints of this stack, or those of the VPC.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  ec2        = "arn:${data.aws_partition.current.partition}:ec2:${var.region}:${data.aws_caller_identity.current.account_id}"
  vpc_arn    = "${local.ec2}:vpc/${var.vpc_id}"
  interfaces = "${local.ec2}:network-interface/*"
}

data "aws_ec2_managed_prefix_list" "s3" {
  name = "com.amazonaws.${var.region}.s3"
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:SageMaker attaches it to the containers, by the model's vpc_config
  name        = "${var.name}-containers"
  description = "Containers of the endpoint ${var.name}"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "this" {
  security_group_id = aws_security_group.this.id
  description       = "S3, where the model is"
  prefix_list_id    = data.aws_ec2_managed_prefix_list.s3.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# SageMaker, "Give SageMaker access to resources in your VPC", cut down to this VPC.
data "aws_iam_policy_document" "this" {
  #checkov:skip=CKV_AWS_356:EC2 describes networks for a whole account only

  statement {
    sid = "DescribeNetwork"
    actions = [
      "ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
    ]
    resources = ["*"]
  }

  statement {
    sid     = "CreateNetworkInterfaces"
    actions = ["ec2:CreateNetworkInterface"]
    resources = concat(
      [local.interfaces, aws_security_group.this.arn],
      [for id in var.subnet_ids : "${local.ec2}:subnet/${id}"],
    )
  }

  statement {
    sid       = "UseNetworkInterfaces"
    actions   = ["ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface", "ec2:DeleteNetworkInterfacePermission"]
    resources = [local.interfaces]

    condition {
      test     = "ArnEquals"
      variable = "ec2:Vpc"
      values   = [local.vpc_arn]
    }
  }
}
