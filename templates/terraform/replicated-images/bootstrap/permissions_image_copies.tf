# The registry's replication. It is a setting of the registry itself, which has no name.

data "aws_iam_policy_document" "image_copies_read" {
  #checkov:skip=CKV_AWS_356:the settings of a registry have no resource to name

  statement {
    sid       = "ReadReplication"
    actions   = ["ecr:DescribeRegistry"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "image_copies_write" {
  #checkov:skip=CKV_AWS_356:as above
  #checkov:skip=CKV_AWS_111:as above

  statement {
    sid       = "SetReplication"
    actions   = ["ecr:PutReplicationConfiguration"]
    resources = ["*"]
  }

  # ECR makes its own role for it, once in an account.
  statement {
    sid       = "MakeReplicationRole"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["arn:${local.partition}:iam::${local.account_id}:role/aws-service-role/replication.ecr.amazonaws.com/*"]

    condition {
      test     = "StringEquals"
      variable = "iam:AWSServiceName"
      values   = ["replication.ecr.amazonaws.com"]
    }
  }
}
