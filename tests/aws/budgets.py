"""Budgets: whom a notification tells, the tags of a budget, and its changes.

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
        return json.dumps({"ResourceTags": _tags(self)})

    def tag_resource(self: BudgetsResponse) -> str:
        given = self._get_param("ResourceTags")
        _tags(self)[:] = [*_without(self, {tag["Key"] for tag in given}), *given]
        return "{}"

    def untag_resource(self: BudgetsResponse) -> str:
        _tags(self)[:] = _without(self, set(self._get_param("ResourceTagKeys")))
        return "{}"

    for method in (create_budget, list_tags_for_resource, tag_resource, untag_resource):
        replace(BudgetsResponse, method.__name__, method)


def update_budgets(replace: Replace) -> None:
    """Moto has no UpdateBudget, which the provider calls for a change of tags, too."""

    def update_budget(self: BudgetsResponse) -> str:
        account, new = self._get_param("AccountId"), self._get_param("NewBudget")
        self.backend.budgets[account][new["BudgetName"]].budget.update(new)
        return "{}"

    replace(BudgetsResponse, "update_budget", update_budget)


def _tags(response: BudgetsResponse) -> list[dict[str, str]]:
    *_, account, rest = response._get_param("ResourceARN").split(":")  # noqa: SLF001
    kept: list[dict[str, str]] = vars(response.backend.budgets[account][rest.partition("/")[2]]).setdefault(
        "stand_in_tags", []
    )
    return kept


def _without(response: BudgetsResponse, keys: set[str]) -> list[dict[str, str]]:
    return [tag for tag in _tags(response) if tag["Key"] not in keys]


def _budget(response: BudgetsResponse) -> Budget:
    account, name = response._get_param("AccountId"), response._get_param("BudgetName")  # noqa: SLF001
    return response.backend.budgets[account][name]
