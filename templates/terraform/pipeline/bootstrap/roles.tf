# Two roles for a pipeline: `deployer` releases and applies, for the branch that is released from; `planner` reads, for pull requests,
# whose code nobody has reviewed yet. Who may take them is in trust.tf, what they may do in permissions_*.tf.

locals {
  pipelines = {
    deployer = { policies = keys(local.permissions), description = "Releases and applies" }
    planner  = { policies = ["read"], description = "Reads, for the plan of a pull request" }
  }
  attachments = merge([for role, pipeline in local.pipelines : {
    for policy in pipeline.policies : "${role}-${policy}" => { role = role, policy = policy }
  }]...)
}

resource "aws_iam_role" "this" {
  for_each = local.pipelines

  name                 = "${var.role_prefix}-${local.region_code}-${each.key}"
  description          = "${each.value.description}: the endpoint ${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.trust[each.key].json
  permissions_boundary = var.permissions_boundary
  max_session_duration = 7200 # a release waits for the endpoint, which can take an hour
}

data "aws_iam_policy_document" "this" {
  for_each = local.permissions

  source_policy_documents = each.value
}

resource "aws_iam_policy" "this" {
  for_each = local.permissions

  name        = "${var.role_prefix}-${local.region_code}-pipeline-${each.key}"
  description = "What a pipeline may do with the endpoint ${var.name}: ${each.key}"
  policy      = data.aws_iam_policy_document.this[each.key].minified_json
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local.attachments

  role       = aws_iam_role.this[each.value.role].name
  policy_arn = aws_iam_policy.this[each.value.policy].arn
}
