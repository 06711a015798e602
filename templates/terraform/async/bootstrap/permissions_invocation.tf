# The request that `make smoke` sends: it is laid into S3, and answered there.

data "aws_iam_policy_document" "invocation_write" {
  statement {
    sid       = "AskLater"
    actions   = ["sagemaker:InvokeEndpointAsync"]
    resources = local.endpoints
  }

  statement {
    sid       = "LayRequests"
    actions   = ["s3:PutObject"]
    resources = [for bucket in local.buckets : "${bucket}/async/input/*"]
  }

  statement {
    sid       = "ReadAnswers"
    actions   = ["s3:GetObject"]
    resources = flatten([for bucket in local.buckets : [for kind in ["failure", "output"] : "${bucket}/async/${kind}/*"]])
  }

  # Why it failed, where it does.
  statement {
    sid       = "ReadOutput"
    actions   = ["logs:DescribeLogStreams", "logs:GetLogEvents"]
    resources = ["${local.log_group}:*"]
  }
}
