# ECR copies what is pushed in the default region to the others, by digest. A registry has one replication configuration for an
# account and a region, so it is this stack's: where another one manages it, `replication.images: release` pushes instead.

resource "aws_ecr_replication_configuration" "this" {
  replication_configuration {
    rule {
      dynamic "destination" {
        for_each = [for region in keys(local.region_codes) : region if region != var.region]

        content {
          region      = destination.value
          registry_id = local.home.account_id
        }
      }

      repository_filter {
        filter      = var.repository_name
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}

output "images_replicated" {
  description = "Regions that ECR itself copies images to"
  value       = [for region in keys(local.region_codes) : region if region != var.region]
  depends_on  = [aws_ecr_replication_configuration.this]
}
