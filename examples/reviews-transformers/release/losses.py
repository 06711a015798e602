"""What a plan would take away that is live: an endpoint that answers, or what holds images, models or what encrypts them.

Rules: read from the saved plan, which is the one that is applied afterwards. An endpoint that failed answers nobody, so
making it anew loses nothing.
"""

import functools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from . import consent
from .aws import Account
from .stack import Stack

Plan = Mapping[str, Any]  # as `terraform show -json` tells it
ENDPOINT = "aws_sagemaker_endpoint"
COST = {
    ENDPOINT: "callers get errors until a new one serves, or for good",
    "aws_s3_bucket": "models and data in it are lost",
    "aws_ecr_repository": "images in it are lost",
    "aws_kms_key": "what it encrypted cannot be read any more, once its waiting time is over",
}
"""What is looked for, and what its end costs."""


@dataclass(frozen=True)
class Loss:
    """A resource that would go: where it is in the stack, whether another one takes its place, and why."""

    address: str
    kind: str
    name: str
    made_anew: bool
    why: str

    def __str__(self) -> str:
        what = "deleted and made anew" if self.made_anew else "deleted"
        return f"{self.name} would be {what}, because {self.why}: {COST[self.kind]} ({self.address})"


def guard(targets: Sequence[Stack], *, sure: bool) -> Callable[[Plan], None]:
    """What `stack.apply` shows its plan to: an error unless nothing is lost, or a person agrees, or is `sure` already."""
    return functools.partial(_agree, targets, sure)


def find(plan: Plan, targets: Sequence[Stack] = ()) -> list[Loss]:
    """What a plan would take away; with `targets`, endpoints count only where they answer."""
    changes = [one for one in plan.get("resource_changes", []) if one["type"] in COST and _goes(one)]
    return [
        Loss(
            one["address"],
            one["type"],
            _name(one),
            "create" in one["change"]["actions"],
            "; ".join(_reasons(one, plan)),
        )
        for one in changes
        if one["type"] != ENDPOINT or _answers(one, targets)
    ]


def _agree(targets: Sequence[Stack], sure: bool, plan: Plan) -> None:  # noqa: FBT001 - filled in by `guard`
    lost = find(plan, targets)
    for one in lost:
        print(f"release: {one}", file=sys.stderr)
    if lost and not sure:
        consent.ask(
            "This apply takes away what is live, as said above.",
            targets[0].endpoint_name if targets else lost[0].name,
            nobody="nothing was changed: taking away what is live needs a terminal to ask on; `make apply YES=1` does not ask",
            refused="nothing was changed: the name was not typed",
        )


def _goes(change: Mapping[str, Any]) -> bool:
    return "delete" in change["change"]["actions"]


def _name(change: Mapping[str, Any]) -> str:
    before = change["change"]["before"] or {}
    kind = change["type"].removeprefix("aws_").replace("_", " ")
    return f"{kind} {before.get('name') or before.get('bucket') or before.get('key_id') or ''}".rstrip()


def _reasons(change: Mapping[str, Any], plan: Plan) -> Iterator[str]:
    """Why, as far as the plan says."""
    reason, triggers = change.get("action_reason", ""), list(_triggers(change, plan))
    paths = {".".join(map(str, path)) for path in change["change"].get("replace_paths", [])}
    if triggers and "create" in change["change"]["actions"]:
        yield from triggers
    elif paths:
        yield f"AWS cannot change {', '.join(sorted(paths))} of it in place"
    elif reason == "replace_because_tainted":
        yield "Terraform marked it as damaged"
    elif reason == "replace_by_request":
        yield "that was asked for"
    else:
        yield "the stack has it no longer"


def _triggers(change: Mapping[str, Any], plan: Plan) -> Iterator[str]:
    """What of the same module makes it anew: our modules keep that in a `terraform_data`."""
    for one in plan["resource_changes"]:
        if one["type"] == "terraform_data" and one.get("module_address") == change.get("module_address") and _goes(one):
            before, after = ((one["change"][side] or {}).get("triggers_replace") for side in ("before", "after"))
            yield f"an endpoint that is {before} cannot become {after}"


def _answers(change: Mapping[str, Any], targets: Sequence[Stack]) -> bool:
    """Whether there is an endpoint that is not failed; one in a region that is not known is taken for one."""
    name = change["change"]["before"]["name"]
    target = next((one for one in targets if change["address"].startswith(f"module.{one.region_code}.")), None)
    if target is None:
        return True
    try:
        found = Account(target).client("sagemaker").describe_endpoint(EndpointName=name)
    except ClientError as error:
        if "Could not find" in error.response["Error"].get("Message", ""):
            return False
        raise
    return bool(found["EndpointStatus"] != "Failed")
