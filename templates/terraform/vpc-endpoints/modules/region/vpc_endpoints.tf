# AWS's services inside the VPC, so that the subnets need no way out of it.

module "vpc_endpoints" {
  source = "../vpc_endpoints"

  name       = var.name
  region     = var.region
  vpc_id     = var.vpc_id
  vpc_cidr   = data.aws_vpc.this.cidr_block
  subnet_ids = local.zone_subnets
}

resource "aws_vpc_security_group_egress_rule" "this" {
  security_group_id            = module.network.security_group_id
  description                  = "The interface endpoints of this stack, and nothing else"
  referenced_security_group_id = module.vpc_endpoints.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}
