output "model_name" {
  description = "Model that jobs run; null until an image and a model are released"
  value       = local.home.model_name
}

output "transform" {
  description = "Where jobs read and write, and with which key; what they are like is in release.toml"
  value       = local.home.transform
}
