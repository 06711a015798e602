# Without AWS: the dashboard of all regions. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "every_region_is_on_it" {
  command = plan

  assert {
    condition     = length([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget if widget.type == "log"]) == length(local.region_codes)
    error_message = "Each region must have its errors on it."
  }

  assert {
    condition     = alltrue([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : toset(keys(local.region_codes)) == toset([for line in widget.properties.metrics : line[length(line) - 1].region]) if widget.type == "metric"])
    error_message = "Each graph must have its lines in every region."
  }

  assert {
    condition     = length(distinct([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : "${widget.x} ${widget.y}"])) == length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets)
    error_message = "No widget may lie on another."
  }
}
