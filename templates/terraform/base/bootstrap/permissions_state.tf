# The state in S3, and its lock, which is a file beside it. A planner reads the state and takes no lock.

data "aws_iam_policy_document" "state_read" {
  statement {
    sid       = "FindState"
    actions   = ["s3:ListBucket"]
    resources = [local.state_arn]
  }

  statement {
    sid       = "ReadState"
    actions   = ["s3:GetObject"]
    resources = ["${local.state_arn}/stack/terraform.tfstate"]
  }
}

data "aws_iam_policy_document" "state_write" {
  statement {
    sid       = "WriteState"
    actions   = ["s3:PutObject"]
    resources = ["${local.state_arn}/stack/terraform.tfstate"]
  }

  statement {
    sid       = "LockState"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${local.state_arn}/stack/terraform.tfstate.tflock"]
  }
}
