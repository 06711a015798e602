"""How an update replaces what runs, and when it is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.manifest.endpoint import Deployment
from byocgen.plan.decision import DEFAULT, Decision, chosen
from byocgen.plan.plan import RolloutPlan

if TYPE_CHECKING:
    from byocgen.manifest.model import Manifest

GUARDRAILS = "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html"
_HOW = {
    "all-at-once": "a second fleet takes all requests at once; the old one stands by while the alarms are watched",
    "canary": "a first share of the requests, the alarms are watched, then the rest",
    "linear": "share by share, and the alarms are watched after each",
    "rolling": "a batch of machines after the other: no second fleet to find capacity for",
}


def decide(manifest: Manifest) -> RolloutPlan:
    """Take the manifest's rollout, or the quickest one that can be taken back."""
    asked = manifest.endpoint.deployment
    given = asked or Deployment()
    source = "manifest: endpoint.deployment" if asked else DEFAULT
    timeout = manifest.serving.timeout_seconds
    return RolloutPlan(
        strategy=Decision(given.strategy, _HOW[given.strategy], source if asked else GUARDRAILS),
        step_percent=Decision(given.step_percent, "of the machines, in each step", source),
        wait_seconds=chosen(given.wait_seconds, "endpoint.deployment.wait_seconds")
        if given.wait_seconds != Deployment.wait_seconds
        else Decision(
            given.wait_seconds, "two bad minutes of three are seen in it, CloudWatch's delay included", DEFAULT
        ),
        rollback=Decision(
            given.rollback,
            "an alarm takes the update back" if given.rollback else "no alarm takes an update back",
            source,
        ),
        slow_seconds=Decision(
            max(1, timeout // 2),
            f"half of the {timeout} s after which a request is given up",
            "serving.timeout_seconds / 2",
            ("serving.timeout_seconds",),
        ),
    )
