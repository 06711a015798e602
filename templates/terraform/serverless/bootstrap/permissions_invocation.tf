# The request that `make smoke` sends.

data "aws_iam_policy_document" "invocation_write" {
  statement {
    sid       = "InvokeEndpoint"
    actions   = ["sagemaker:InvokeEndpoint"]
    resources = local.endpoints
  }

  # Why it failed, where it does.
  statement {
    sid       = "ReadOutput"
    actions   = ["logs:DescribeLogStreams", "logs:GetLogEvents"]
    resources = ["${local.log_group}:*"]
  }
}
