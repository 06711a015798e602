"""What a pipeline's roles may do, with every feature that there is, as IAM would read it: small enough, and nothing for parliament.

The stack of `bootstrap/` is planned, not applied: its policies are known before.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from tests.aws import overrides
from tests.aws.stand_in import StandIn

from .conftest import NewStack
from .stacks import Stack

CI = {"provider": "github", "repository": "acme/churn"}
VPC = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-a", "subnet-b"]}
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"
STACKS: dict[str, dict[str, Any]] = {
    "everything": {"ci": CI, "network": VPC, "security": {"permissions_boundary": BOUNDARY}},
    "a key that exists, on CodeBuild": {
        "ci": {**CI, "provider": "codebuild"},
        "security": {"kms": "arn:aws:kms:us-east-1:123456789012:key/1-a"},
    },
}
NEEDED = {
    # The bucket is the stack's own: its policy, which asks for TLS, and its lifecycle rules are the stack's to write.
    "RESOURCE_POLICY_PRIVILEGE_ESCALATION",
    # A boundary is compared as a text, as in IAM's own examples (IAM, "Permissions boundaries for IAM entities").
    "MISMATCHED_TYPE_BUT_USABLE",
}
"""Findings that stand, each with its reason."""
PARLIAMENT = """\
import json, sys
from parliament import analyze_policy_string
print(json.dumps([[finding.issue, str(finding.detail)] for finding in analyze_policy_string(sys.stdin.read()).findings]))
"""


def bootstrap(new_stack: NewStack, aws: StandIn, blocks: dict[str, Any]) -> Stack:
    """The stack of `bootstrap/`, initialised."""
    whole = new_stack(aws.environment(), **blocks)
    stack = Stack(whole.folder / "bootstrap", whole.environment)
    overrides.write(stack.folder)
    for name in (".terraform/providers", ".terraform.lock.hcl"):
        target = stack.folder / name
        target.parent.mkdir(exist_ok=True)
        target.symlink_to(whole.folder / name)
    done = stack.terraform("init", "-input=false")
    assert done.returncode == 0, done.stderr
    return stack


@pytest.fixture(scope="module", params=STACKS)
def planned(request: pytest.FixtureRequest, new_stack: NewStack, aws: StandIn) -> dict[str, dict[str, Any]]:
    return bootstrap(new_stack, aws, STACKS[request.param]).planned()


def policies(planned: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {
        address: values["policy"] for address, values in planned.items() if address.startswith("aws_iam_policy.this[")
    }


def test_iam_takes_the_policies(planned: dict[str, dict[str, Any]]) -> None:
    """6,144 characters in one, ten on a role (IAM quotas)."""
    sizes = {address: len(text) for address, text in policies(planned).items()}
    assert 2 <= len(sizes) <= 10
    assert {address: size for address, size in sizes.items() if size > 6144} == {}


def test_parliament_finds_nothing(planned: dict[str, dict[str, Any]]) -> None:
    found = [finding for text in policies(planned).values() for finding in judged(text)]
    assert [one for one in found if one[0] not in NEEDED] == []


def judged(policy: str) -> list[list[str]]:
    """What parliament says, in a process of its own: it warns of its own packaging."""
    command = [sys.executable, "-W", "ignore", "-c", PARLIAMENT]
    done = subprocess.run(command, input=policy, capture_output=True, text=True, check=True)
    findings: list[list[str]] = json.loads(done.stdout)
    return findings


def test_roles_are_bounded_where_the_account_asks(planned: dict[str, dict[str, Any]]) -> None:
    roles = {address: values for address, values in planned.items() if address.startswith("aws_iam_role.this[")}
    bounded: set[str | None] = {values.get("permissions_boundary") for values in roles.values()}
    conditions = {
        statement["Sid"]
        for text in policies(planned).values()
        for statement in json.loads(text)["Statement"]
        if "iam:PermissionsBoundary" in str(statement.get("Condition"))
    }
    assert len(bounded) == 1
    assert conditions == ({"MakeRoles", "BoundRoles"} if BOUNDARY in bounded else set())


def test_trust_is_in_one_repository_and_one_branch_or_build(planned: dict[str, dict[str, Any]]) -> None:
    trusted = {
        role: sorted(_values(planned[f'aws_iam_role.this["{role}"]']["assume_role_policy"]))
        for role in ("deployer", "planner")
    }
    github = {
        role: sorted(["sts.amazonaws.com", f"repo:acme/churn:{subject}"])
        for role, subject in {"deployer": "ref:refs/heads/main", "planner": "pull_request"}.items()
    }
    codebuild = {
        role: [f"arn:aws:codebuild:us-east-1:123456789012:project/churn-{build}"]
        for role, build in {"deployer": "release", "planner": "check"}.items()
    }
    assert trusted in (github, codebuild)


def _values(policy: str) -> Iterator[str]:
    [statement] = json.loads(policy)["Statement"]
    for keys in statement["Condition"].values():
        yield from keys.values()
