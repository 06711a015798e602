"""The policies of a pipeline with every feature that there is, which IAM has to take: small enough, and nothing for parliament.

The stack of `bootstrap/` is planned, not applied: its policies are known before.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from tests.aws import overrides
from tests.aws.provider import Provider
from tests.aws.stand_in import StandIn
from tests.release import planned as judge

from .conftest import NewStack
from .stacks import Stack

EVERYTHING: dict[str, Any] = {
    "ci": {"provider": "github", "repository": "acme/churn"},
    "model": {"framework": "sklearn", "artifact": "s3://elsewhere/churn/"},
    "endpoint": {"mode": "async", "autoscaling": {"min": 0, "max": 2}, "data_capture": {"percent": 10}},
    "network": {"vpc_id": "vpc-0123456789abcdef0", "subnet_ids": ["subnet-a", "subnet-b"]},
    "security": {
        "access_logs": True,
        "data_events": True,
        "permissions_boundary": "arn:aws:iam::123456789012:policy/boundary",
    },
    "observability": {"alarms": True, "alarm_email": "a@example.com", "dashboard": True},
    "cost": {"monthly_budget_usd": 100},
}
"""Replication is the only feature that a VPC excludes."""


def bootstrap(new_stack: NewStack, environment: Mapping[str, str], blocks: dict[str, Any]) -> Stack:
    """The stack of `bootstrap/`, to be planned."""
    stack = Stack(new_stack(environment, **blocks).folder / "bootstrap", environment)
    overrides.write(stack.folder)
    stack.terraform("get").check_returncode()
    return stack


@pytest.fixture(scope="module")
def policies(new_stack: NewStack, provider: Provider, aws: StandIn) -> dict[str, str]:
    with provider.running(aws.environment()) as environment:
        made = bootstrap(new_stack, environment, EVERYTHING).planned()
    return {address: values["policy"] for address, values in made.items() if address.startswith("aws_iam_policy.this[")}


def test_iam_takes_the_policies(policies: dict[str, str]) -> None:
    """6,144 characters in one, ten on a role (IAM quotas)."""
    sizes = {address: len(text) for address, text in policies.items()}
    assert 2 <= len(sizes) <= 10
    assert {address: size for address, size in sizes.items() if size > 6144} == {}


def test_parliament_finds_nothing(policies: dict[str, str]) -> None:
    assert judge.judged(policies) == {}
    widened = {**json.loads(policies['aws_iam_policy.this["read"]'])["Statement"][0], "Action": "s3:*", "Resource": "*"}
    assert judge.judged({"wide": json.dumps({"Version": "2012-10-17", "Statement": [widened]})}) != {}
