# Without AWS: the budget. `terraform test` runs it.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "it_counts_what_carries_the_project_s_tag" {
  command = plan

  variables {
    tags               = { Project = "growth" }
    monthly_budget_usd = 99.5
  }

  assert {
    condition     = aws_budgets_budget.this.limit_amount == "99.50" && one(one(aws_budgets_budget.this.cost_filter).values) == "user:Project$growth"
    error_message = "It must count by the tag that the resources have, in the spelling that they have it in."
  }

  assert {
    condition     = alltrue([for notice in aws_budgets_budget.this.notification : toset(notice.subscriber_email_addresses) == toset([var.budget_email])]) && length(aws_budgets_budget.this.notification) == 3
    error_message = "The address must be told each time."
  }
}

run "a_budget_of_nothing_for_nobody" {
  command = plan

  variables {
    monthly_budget_usd = 0
    budget_email       = "nobody"
  }

  expect_failures = [var.monthly_budget_usd, var.budget_email]
}
