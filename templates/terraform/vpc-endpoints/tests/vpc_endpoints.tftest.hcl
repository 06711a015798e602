# Without AWS: AWS's services inside the VPC. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "every_service_answers_by_its_own_name" {
  module {
    source = "./modules/vpc_endpoints"
  }

  variables {
    name       = "pricing"
    region     = "eu-west-1"
    vpc_id     = "vpc-1"
    vpc_cidr   = "10.0.0.0/16"
    subnet_ids = ["subnet-a", "subnet-b"]
  }

  assert {
    condition     = toset([for one in aws_vpc_endpoint.this : trimprefix(one.service_name, "com.amazonaws.eu-west-1.")]) == toset(["ecr.api", "ecr.dkr", "kms", "logs", "monitoring", "sagemaker.runtime", "sts"])
    error_message = "All services that the containers and their callers use must be there."
  }

  assert {
    condition     = alltrue([for one in aws_vpc_endpoint.this : one.private_dns_enabled && one.vpc_endpoint_type == "Interface" && toset(one.subnet_ids) == toset(var.subnet_ids)])
    error_message = "Each must answer by the service's name, in every zone."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.this.cidr_ipv4 == var.vpc_cidr && aws_vpc_security_group_ingress_rule.this.from_port == 443
    error_message = "Only the VPC may ask them, by TLS."
  }

  assert {
    condition     = toset([for name, one in aws_vpc_endpoint.this : name if one.policy != data.aws_iam_policy_document.this.json]) == toset(["sts"])
    error_message = "Each but STS must keep other accounts out."
  }
}
