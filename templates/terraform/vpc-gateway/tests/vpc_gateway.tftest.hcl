# Without AWS: the way to S3. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "a_subnet_without_a_table_has_the_vpc_s" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region_code = "euw1"
  }

  override_data {
    target = data.aws_route_tables.of_subnet
    values = { ids = [] }
  }

  override_data {
    target = data.aws_route_tables.main
    values = { ids = ["rtb-main"] }
  }

  assert {
    condition     = aws_vpc_endpoint.this.route_table_ids == toset(["rtb-main"]) && aws_vpc_endpoint.this.vpc_endpoint_type == "Gateway"
    error_message = "The way must be in the table that the subnets use."
  }
}
