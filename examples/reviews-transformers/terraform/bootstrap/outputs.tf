output "state_bucket" {
  description = "Bucket for the state of both stacks"
  value       = module.state.name
}

output "state_region" {
  description = "Its region"
  value       = var.region
}
