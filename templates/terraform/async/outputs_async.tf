output "async_input" {
  description = "Where requests are uploaded to before the endpoint is asked"
  value       = local.home.async_input
}
