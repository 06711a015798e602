"""Budgets: whom a notification tells, and the tags of a budget.

Rules: one function a gap. Moto has no public way to its state and parameters; its own handlers use the same private names (SLF001).
"""

import json

from moto.budgets.models import Budget
from moto.budgets.responses import BudgetsResponse

from .patching import Replace


def tell_the_subscribers(replace: Replace) -> None:
    """Moto keeps the subscribers of a notification and has no way to ask for them."""

    def describe_subscribers_for_notification(self: BudgetsResponse) -> str:
        wanted = self._get_param("Notification")
        found = [one.subscribers for one in _budget(self).notifications if one.details == wanted]
        return json.dumps({"Subscribers": found[0] if found else []})

    replace(BudgetsResponse, "describe_subscribers_for_notification", describe_subscribers_for_notification)


def tag_budgets(replace: Replace) -> None:
    """Moto drops the tags of a budget, and Terraform asks for them."""
    create = BudgetsResponse.create_budget

    def create_budget(self: BudgetsResponse) -> str:
        answer = create(self)
        name = self._get_param("Budget")["BudgetName"]
        made = self.backend.budgets[self._get_param("AccountId")][name]
        vars(made)["stand_in_tags"] = self._get_param("ResourceTags") or []
        return answer

    def list_tags_for_resource(self: BudgetsResponse) -> str:
        account, name = self._get_param("ResourceARN").split(":")[4], self._get_param("ResourceARN").split("/", 1)[1]
        return json.dumps({"ResourceTags": vars(self.backend.budgets[account][name]).get("stand_in_tags", [])})

    replace(BudgetsResponse, "create_budget", create_budget)
    replace(BudgetsResponse, "list_tags_for_resource", list_tags_for_resource)


def _budget(response: BudgetsResponse) -> Budget:
    account, name = response._get_param("AccountId"), response._get_param("BudgetName")  # noqa: SLF001
    return response.backend.budgets[account][name]
