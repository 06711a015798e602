# The containers get network interfaces in the subnets of a VPC, and reach what their security group lets them reach.

data "aws_vpc" "this" {
  id = var.vpc_id

  lifecycle {
    postcondition {
      condition     = self.enable_dns_support && self.enable_dns_hostnames
      error_message = "${self.id} resolves no private names, so nothing in it would reach AWS's services: turn DNS support and DNS hostnames on."
    }
  }
}

data "aws_subnet" "this" {
  for_each = toset(var.subnet_ids)

  id = each.value

  lifecycle {
    postcondition {
      condition     = self.vpc_id == var.vpc_id
      error_message = "${self.id} is in ${self.vpc_id}, not in ${var.vpc_id}."
    }
  }
}

module "network" {
  source = "../network"

  name       = var.name
  region     = var.region
  vpc_id     = var.vpc_id
  subnet_ids = var.subnet_ids
}

locals {
  network_vpc = {
    subnet_ids         = var.subnet_ids
    security_group_ids = [module.network.security_group_id]
    isolation          = local.isolation != null
  }
  role_policies_vpc = [module.network.role_policy]

  # One subnet a zone: an interface endpoint has one interface in each.
  zones        = { for subnet in data.aws_subnet.this : subnet.availability_zone => subnet.id... }
  zone_subnets = sort([for ids in values(local.zones) : sort(ids)[0]])
}
