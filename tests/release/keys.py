"""The statements of a key's policy that speak of one principal. A root principal hands the decision on to IAM."""

from tests.aws.needs import Statement
from tests.aws.stand_in import ACCOUNT_ID

ROOT = f"arn:aws:iam::{ACCOUNT_ID}:root"


def of(principal: str, statements: list[Statement]) -> list[Statement]:
    """Name a service, or ROOT for whomever IAM lets."""
    return [one for one in statements if principal in _named(one["Principal"])]


def _named(principal: str | dict[str, str | list[str]]) -> list[str]:
    values = principal.values() if isinstance(principal, dict) else [principal]
    return [name for value in values for name in ([value] if isinstance(value, str) else value)]
