output "models" {
  description = "Folder whose archives the endpoint serves: a caller names one by TargetModel, its key below this; null until one is released"
  value       = local.home.models
}
