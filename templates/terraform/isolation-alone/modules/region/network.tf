# Outside of a VPC: there is nothing to connect, only to cut off.

locals {
  network_isolation = { subnet_ids = [], security_group_ids = [], isolation = local.isolation != null }
}
