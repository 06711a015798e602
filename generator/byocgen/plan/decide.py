"""The stage: `decide(manifest, catalog)` gives a plan, or what stands in its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.diagnostics import Diagnostic, has_errors
from byocgen.plan import (
    cost,
    fits,
    image,
    machines,
    memory,
    modes,
    pipeline,
    placement,
    rollout,
    serving,
    stack,
    watching,
)
from byocgen.plan.image import NO_PINS
from byocgen.plan.plan import Plan

if TYPE_CHECKING:
    from byocgen.catalog import Catalog
    from byocgen.manifest.model import Manifest
    from byocgen.plan.image import Pins


def decide(manifest: Manifest, catalog: Catalog, pins: Pins = NO_PINS) -> tuple[Plan | None, list[Diagnostic]]:
    """Choose every value of the project; pure and total. `pins` are digests for the base images that it may choose.

    Returns:
        The plan and the findings of the catalogue. The plan is None when a finding is an error, and when the manifest
        asks for something that `pending` refused (a framework without a scaffold).
    """
    found = fits.check(manifest, catalog)
    if manifest.model.framework not in catalog.frameworks:
        return None, found
    serves, against = placement.settle(manifest, catalog)
    found += against
    if serves is not None:
        found += machines.check(manifest, catalog, serves.instance)
    if has_errors(found) or serves is None:
        return None, found
    instance = serves.instance
    built = image.decide(manifest, catalog, instance, pins)
    plan = Plan(
        image=built,
        model=stack.decide_model(manifest),
        memory=memory.decide(manifest, catalog, instance),
        serving=serving.decide(manifest, catalog, instance),
        names=stack.decide_names(manifest),
        stack=stack.decide(manifest, catalog, serves, built.cuda.value),
        rollout=rollout.decide(manifest),
        watch=watching.decide(manifest),
        cost=cost.decide(manifest, catalog, instance),
        pipeline=pipeline.decide(manifest, catalog, instance),
        **modes.decide(manifest, catalog, serves),
    )
    return plan, [*found, *cost.check(manifest, plan.cost)]
