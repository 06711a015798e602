# Who may take the roles: GitHub's runners, by a token that GitHub signs for one run and that says for which repository and branch it
# is. No key is stored anywhere.

variable "repository" {
  description = "Repository whose workflows may take the roles, owner/name"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", var.repository))
    error_message = "repository is owner/name; with a * in it others could deploy."
  }
}

variable "deployed_from" {
  description = "What the release workflow runs for: ref:refs/heads/BRANCH, or environment:NAME"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(ref:refs/heads/|environment:)[^*?]+$", var.deployed_from))
    error_message = "deployed_from is ref:refs/heads/BRANCH or environment:NAME, without * and ?."
  }
}

variable "github_is_known" {
  description = "Whether the account knows GitHub's tokens already; an account has one provider for all repositories"
  type        = bool
  default     = false
  nullable    = false
}

locals {
  github  = "token.actions.githubusercontent.com"
  subject = { deployer = var.deployed_from, planner = "pull_request" }
}

resource "aws_iam_openid_connect_provider" "this" {
  count = var.github_is_known ? 0 : 1

  url            = "https://${local.github}"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "trust" {
  for_each = local.subject

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:oidc-provider/${local.github}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.github}:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.github}:sub"
      values   = ["repo:${var.repository}:${each.value}"]
    }
  }
}
