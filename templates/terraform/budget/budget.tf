# The budget of everything that carries this stack's project tag, in all regions. AWS counts by a tag from the day on which the
# organisation's billing account activates it as a cost allocation tag; until then the budget sees nothing.

locals {
  cost_tag = one([for key in keys(local.tags) : key if lower(key) == "project"])

  budget_notices = [
    { type = "ACTUAL", percent = 80 },
    { type = "ACTUAL", percent = 100 },
    { type = "FORECASTED", percent = 100 },
  ]
}

resource "aws_budgets_budget" "this" {
  name         = "${var.name}-${local.home_code}" # budgets are global to an account
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_unit   = "USD"
  limit_amount = format("%.2f", var.monthly_budget_usd)

  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:%s$%s", local.cost_tag, local.tags[local.cost_tag])] # in a template $${ would be a text
  }

  dynamic "notification" {
    for_each = local.budget_notices

    content {
      notification_type          = notification.value.type
      threshold                  = notification.value.percent
      threshold_type             = "PERCENTAGE"
      comparison_operator        = "GREATER_THAN"
      subscriber_email_addresses = [var.budget_email]
    }
  }
}

output "cost_allocation_tag" {
  description = "Tag to activate in the billing account, so that costs are counted by it"
  value       = local.cost_tag
}
