# The request that `make smoke` sends.

data "aws_iam_policy_document" "invocation_write" {
  statement {
    sid       = "InvokeEndpoint"
    actions   = ["sagemaker:InvokeEndpoint"]
    resources = local.endpoints
  }
}
