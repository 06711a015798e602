# Every resource carries the tags of terraform.tfvars, and two that say where it comes from unless yours say so already. Keys are
# compared without case because IAM refuses "Project" beside "project".
locals {
  origin    = { project = var.name, managed-by = "terraform" }
  tag_names = [for key in keys(var.tags) : lower(key)]
  tags      = merge({ for key, value in local.origin : key => value if !contains(local.tag_names, key) }, var.tags)
}
