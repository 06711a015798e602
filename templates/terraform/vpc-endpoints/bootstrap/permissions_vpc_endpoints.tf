# The interface endpoints of the stack.

data "aws_iam_policy_document" "vpc_endpoints_read" {
  #checkov:skip=CKV_AWS_356:EC2 describes networks for a whole account only

  statement {
    sid       = "DescribeInterfaceEndpoints"
    actions   = ["ec2:DescribeNetworkInterfaces"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "vpc_endpoints_write" {
  statement {
    sid     = "MakeInterfaceEndpoints"
    actions = ["ec2:CreateVpcEndpoint"]
    resources = [
      "${local.ec2}:vpc/${var.vpc_id}", "${local.ec2}:subnet/*", local.security_groups, "${local.ec2}:vpc-endpoint/*",
    ]
  }

  # For the endpoints' private names (PrivateLink, "Manage DNS names for VPC endpoints").
  statement {
    sid       = "NameInterfaceEndpoints"
    actions   = ["route53:AssociateVPCWithHostedZone"]
    resources = ["arn:${local.partition}:route53:::hostedzone/*"]
  }
}
