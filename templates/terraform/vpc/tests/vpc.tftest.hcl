# Without AWS: the network of the containers. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "the_containers_reach_s3_and_nothing_else_by_this" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    name       = "pricing"
    region     = "eu-west-1"
    vpc_id     = "vpc-1"
    subnet_ids = ["subnet-a", "subnet-b"]
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.this.prefix_list_id == data.aws_ec2_managed_prefix_list.s3.id && aws_vpc_security_group_egress_rule.this.from_port == 443 && aws_vpc_security_group_egress_rule.this.to_port == 443
    error_message = "The way out must be S3's, by TLS."
  }

  assert {
    condition     = aws_security_group.this.vpc_id == var.vpc_id
    error_message = "The group must be in the VPC."
  }
}

run "a_vpc_without_names_and_a_subnet_of_another" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code = "euw1"
  }

  override_data {
    target = data.aws_vpc.this
    values = { enable_dns_support = true, enable_dns_hostnames = false }
  }

  override_data {
    target = data.aws_subnet.this
    values = { vpc_id = "vpc-2" }
  }

  expect_failures = [data.aws_vpc.this, data.aws_subnet.this]
}

run "ids_that_are_none" {
  command = plan

  variables {
    vpc_id     = "pricing"
    subnet_ids = ["subnet-a", "subnet-a"]
  }

  expect_failures = [var.vpc_id, var.subnet_ids]
}
