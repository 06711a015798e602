# The stack's way to S3, in the route tables of its subnets.

data "aws_iam_policy_document" "vpc_gateway_read" {
  #checkov:skip=CKV_AWS_356:EC2 describes networks for a whole account only

  statement {
    sid       = "DescribeGateway"
    actions   = ["ec2:DescribeRouteTables"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "vpc_gateway_write" {
  statement {
    sid       = "MakeGateway"
    actions   = ["ec2:CreateVpcEndpoint"]
    resources = ["${local.ec2}:vpc/${var.vpc_id}", "${local.ec2}:route-table/*", "${local.ec2}:vpc-endpoint/*"]
  }
}
