"""Rules of a rollout: the size of its steps, and the machines that there must be to make steps of.

Limits: SageMaker, TrafficRoutingConfig and RollingUpdatePolicy; each step is at most half of the machines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.diagnostics import Diagnostic
from byocgen.manifest.endpoint import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.manifest.model import Manifest

_STEP = {"canary": (1, 50), "linear": (10, 50), "rolling": (5, 50)}
_KEY = ("endpoint", "deployment", "step_percent")


def check(manifest: Manifest) -> Iterator[Diagnostic]:
    """Find steps that SageMaker does not take."""
    rollout = manifest.endpoint.deployment
    if rollout is None:
        return
    if rollout.strategy == "all-at-once":
        if rollout.step_percent != Deployment.step_percent:
            hint = "delete the line, or choose another strategy"
            yield Diagnostic("BYO303", "all-at-once has no steps", _KEY, hint)
        return
    low, high = _STEP[rollout.strategy]
    if not low <= rollout.step_percent <= high:
        yield Diagnostic("BYO304", f"a {rollout.strategy} step is {low} to {high} percent", _KEY, "change it")
    if rollout.strategy == "rolling" and manifest.endpoint.variants:
        message = "SageMaker replaces batches of machines only where there is one production variant"
        key = ("endpoint", "deployment", "strategy")
        yield Diagnostic("BYO303", message, key, "choose canary, linear or all-at-once")
    if manifest.endpoint.instance_count == 1:
        message = f"a {rollout.strategy} step is at most half of the machines, and there is one"
        key = ("endpoint", "deployment", "strategy")
        yield Diagnostic("BYO303", message, key, "write: instance_count: 2, or strategy: all-at-once")
