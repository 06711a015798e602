# The request that `make smoke` has a job answer: it is laid into S3, and answered there.

variable "transform_input" {
  description = "Folder in S3 that jobs read; null: transform/input/ in the bucket"
  type        = string
}

variable "transform_output" {
  description = "Folder in S3 that jobs write; null: transform/output/ in the bucket"
  type        = string
}

locals {
  job_logs = "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/sagemaker/TransformJobs"

  folders = {
    for kind, url in { input = var.transform_input, output = var.transform_output } : kind => url == null ?
    [for bucket in local.buckets : "${bucket}/transform/${kind}/"] : ["arn:${local.partition}:s3:::${trimprefix(url, "s3://")}"]
  }
}

data "aws_iam_policy_document" "invocation_write" {
  statement {
    sid       = "LayRequests"
    actions   = ["s3:PutObject"]
    resources = [for folder in local.folders.input : "${folder}smoke/*"]
  }

  statement {
    sid       = "ReadAnswers"
    actions   = ["s3:GetObject"]
    resources = [for folder in local.folders.output : "${folder}smoke/*"]
  }

  # Why a job failed, where one does. The group is of all jobs in the account; only these are read.
  statement {
    sid       = "FindJobOutput"
    actions   = ["logs:DescribeLogStreams"]
    resources = ["${local.job_logs}:*"]
  }

  statement {
    sid       = "ReadJobOutput"
    actions   = ["logs:GetLogEvents"]
    resources = ["${local.job_logs}:log-stream:${var.name}-*"]
  }
}
