# The way to S3, where models are, without one to the internet. A route table takes one such endpoint: where the VPC has it, the
# manifest says `s3_gateway: false`. It has no policy of its own, because what others run in these subnets uses it, too.

data "aws_route_tables" "of_subnet" {
  for_each = toset(var.subnet_ids)

  vpc_id = var.vpc_id

  filter {
    name   = "association.subnet-id"
    values = [each.value]
  }
}

data "aws_route_tables" "main" {
  vpc_id = var.vpc_id

  filter {
    name   = "association.main"
    values = ["true"]
  }
}

resource "aws_vpc_endpoint" "this" {
  vpc_id            = var.vpc_id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  # A subnet without a table of its own has the VPC's.
  route_table_ids = distinct(flatten([for found in data.aws_route_tables.of_subnet : coalescelist(found.ids, data.aws_route_tables.main.ids)]))

  tags = { Name = "${var.name}-s3" }
}
