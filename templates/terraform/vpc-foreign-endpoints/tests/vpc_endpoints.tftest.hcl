# Without AWS: the endpoints that the VPC has. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "the_containers_reach_what_has_an_address_in_the_vpc" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code = "euw1"
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.this.cidr_ipv4 == "10.0.0.0/16" && aws_vpc_security_group_egress_rule.this.from_port == 443
    error_message = "Only addresses of the VPC, by TLS."
  }
}
