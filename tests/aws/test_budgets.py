"""Each gap of stock moto in Budgets, and what the patch makes of it."""

from typing import Any

import pytest

from . import budgets
from .conftest import Client
from .patching import Replace

ACCOUNT = "123456789012"
NOTICE = {
    "NotificationType": "ACTUAL",
    "ComparisonOperator": "GREATER_THAN",
    "Threshold": 80.0,
    "ThresholdType": "PERCENTAGE",
}
SUBSCRIBER = {"SubscriptionType": "EMAIL", "Address": "ml@example.com"}
TAG = {"Key": "project", "Value": "churn"}


def budget(client: Client) -> Any:
    """An account with the budget `churn`."""
    api = client("budgets")
    api.create_budget(
        AccountId=ACCOUNT,
        Budget={
            "BudgetName": "churn", "BudgetType": "COST", "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "300", "Unit": "USD"},
        },
        NotificationsWithSubscribers=[{"Notification": NOTICE, "Subscribers": [SUBSCRIBER]}],
        ResourceTags=[TAG],
    )  # fmt: skip
    return api


def subscribers(api: Any) -> Any:
    asked = {"AccountId": ACCOUNT, "BudgetName": "churn", "Notification": NOTICE}
    return api.describe_subscribers_for_notification(**asked)["Subscribers"]


def tags(api: Any) -> Any:
    return api.list_tags_for_resource(ResourceARN=f"arn:aws:budgets::{ACCOUNT}:budget/churn")["ResourceTags"]


def test_stock_moto_does_not_tell_whom_a_budget_tells(client: Client) -> None:
    with pytest.raises(NotImplementedError):
        subscribers(budget(client))


def test_a_budget_tells_its_subscribers(client: Client, replace: Replace) -> None:
    budgets.tell_the_subscribers(replace)
    assert subscribers(budget(client)) == [SUBSCRIBER]


def test_stock_moto_has_no_tags_of_budgets(client: Client) -> None:
    with pytest.raises(NotImplementedError):
        tags(budget(client))


def test_a_budget_has_its_tags(client: Client, replace: Replace) -> None:
    budgets.tag_budgets(replace)
    api, arn = budget(client), f"arn:aws:budgets::{ACCOUNT}:budget/churn"
    assert tags(api) == [TAG]
    api.tag_resource(ResourceARN=arn, ResourceTags=[{**TAG, "Value": "changed"}, {"Key": "team", "Value": "growth"}])
    api.untag_resource(ResourceARN=arn, ResourceTagKeys=["team"])
    assert tags(api) == [{**TAG, "Value": "changed"}]


def dearer(api: Any) -> str:
    """The limit of the budget after it was raised."""
    asked = {"AccountId": ACCOUNT, "BudgetName": "churn"}
    now = api.describe_budget(**asked)["Budget"]
    api.update_budget(AccountId=ACCOUNT, NewBudget={**now, "BudgetLimit": {"Amount": "400", "Unit": "USD"}})
    return str(api.describe_budget(**asked)["Budget"]["BudgetLimit"]["Amount"])


def test_stock_moto_cannot_update_a_budget(client: Client) -> None:
    with pytest.raises(NotImplementedError):
        dearer(budget(client))


def test_a_budget_is_updated(client: Client, replace: Replace) -> None:
    budgets.update_budgets(replace)
    assert dearer(budget(client)) == "400"
