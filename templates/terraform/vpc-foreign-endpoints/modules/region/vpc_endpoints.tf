# The VPC has ways to AWS's services of its own; the containers may reach what has an address in it.

resource "aws_vpc_security_group_egress_rule" "this" {
  security_group_id = module.network.security_group_id
  description       = "What has an address in the VPC, such as its interface endpoints"
  cidr_ipv4         = data.aws_vpc.this.cidr_block
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
