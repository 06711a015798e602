# Interface endpoints. Their private names answer in the whole VPC, also for what others run in it, so their policies keep other
# accounts out and say nothing of this stack alone.

data "aws_caller_identity" "current" {}

locals {
  services = ["ecr.api", "ecr.dkr", "kms", "logs", "monitoring", "sagemaker.runtime", "sts"]
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:the endpoints below have it
  name        = "${var.name}-endpoints"
  description = "Interface endpoints beside the endpoint ${var.name}"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  security_group_id = aws_security_group.this.id
  description       = "Whatever runs in the VPC: the containers, and callers of the endpoint"
  cidr_ipv4         = var.vpc_cidr
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "ThisAccount"
    actions   = ["*"]
    resources = ["*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_vpc_endpoint" "this" {
  for_each = toset(local.services)

  vpc_id              = var.vpc_id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = var.subnet_ids
  security_group_ids  = [aws_security_group.this.id]
  private_dns_enabled = true
  policy              = each.key == "sts" ? null : data.aws_iam_policy_document.this.json # who takes a role by a token has no account yet

  tags = { Name = "${var.name}-${each.key}" }
}
