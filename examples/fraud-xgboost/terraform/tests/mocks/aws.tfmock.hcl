# What AWS would answer where the stack reads the answer: ids, ARNs, documents.

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
}

mock_data "aws_iam_policy_document" {
  defaults = { json = "{}", minified_json = "{}" }
}

mock_data "aws_vpc" {
  defaults = { id = "vpc-1", cidr_block = "10.0.0.0/16", enable_dns_support = true, enable_dns_hostnames = true }
}

mock_data "aws_subnet" {
  defaults = { vpc_id = "vpc-1" }
}

mock_data "aws_route_tables" {
  defaults = { ids = ["rtb-1"] }
}

mock_resource "aws_ecr_repository" {
  defaults = { repository_url = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/pricing" }
}

mock_resource "aws_s3_bucket" {
  defaults = { id = "pricing-euw1-123456789012", arn = "arn:aws:s3:::pricing-euw1-123456789012" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/pricing-euw1-execution" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:eu-west-1:123456789012:key/0000abcd-12ab-34cd-56ef-1234567890ab" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:pricing-alarms" }
}
