"""The machine that serves: the instance type that the manifest names, the best that fits, or a serverless container.

Rules: pure and total. What stands in the way of a named type comes with the type that would do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from byocgen.catalog import Instance
from byocgen.diagnostics import Diagnostic
from byocgen.manifest.endpoint import Serverless
from byocgen.plan import availability, choice, fits, sizing
from byocgen.plan.decision import MANIFEST, Decision, chosen
from byocgen.plan.demand import gib

if TYPE_CHECKING:
    from byocgen.catalog import Catalog
    from byocgen.manifest.model import Manifest

AUTO = "auto"
KEY = ("endpoint", "instance_type")
SERVERLESS_MEMORY = ("endpoint", "serverless", "memory_mib")
SERVERLESS_STEPS = (1024, 2048, 3072, 4096, 5120, 6144)
SERVERLESS_VCPU_MIB = 1769
"""Memory that one vCPU comes with: SageMaker's page says that Lambda is below and CPU goes with memory, Lambda's how much."""
SERVERLESS_DOCS = "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html"
LAMBDA_DOCS = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"


@dataclass(frozen=True, slots=True)
class Placement:
    """What serves, and why that. `instance_type` is empty where it is a serverless container."""

    instance: Instance
    instance_type: Decision[str]
    serverless_memory_mib: Decision[int] | None


def settle(manifest: Manifest, catalog: Catalog) -> tuple[Placement | None, list[Diagnostic]]:
    """Find the machine, or what stands in its way. The manifest's framework is in the catalogue."""
    if manifest.endpoint.mode == "serverless":
        return _serverless(manifest, catalog)
    name = manifest.endpoint.instance_type
    if name == AUTO:
        return _best(manifest, catalog)
    instance = catalog.instances.get(name)
    if instance is None:
        return None, [fits.unknown_type(name, catalog)]
    found = [_with_way_out(one, manifest, catalog) for one in fits.of_instance(manifest, instance, catalog)]
    offered = availability.facts(manifest, name, catalog)
    return _instance(
        instance, Decision(name, choice.size(instance), f"{MANIFEST}: endpoint.instance_type", offered)
    ), found


def _instance(instance: Instance, chosen_type: Decision[str]) -> Placement:
    return Placement(instance, chosen_type, None)


def _container(instance: Instance, memory: Decision[int]) -> Placement:
    return Placement(
        instance, Decision("", "a serverless endpoint has no instance type", SERVERLESS_DOCS, ("stack.mode",)), memory
    )


def _best(manifest: Manifest, catalog: Catalog) -> tuple[Placement | None, list[Diagnostic]]:
    best = choice.ranked(manifest, catalog)
    if best:
        return _instance(best[0].instance, choice.decided(best, manifest, catalog)), []
    largest = max(catalog.instances.values(), key=lambda one: _nearest(manifest, catalog, one))
    reasons = "; ".join(choice.why_not(manifest, largest, catalog))
    message = f"no instance type fits; the one with most room is {largest.name}, but {reasons}"
    return None, [Diagnostic("BYO308", message, KEY, "byocgen instances --why says what rules out each of them")]


def _nearest(manifest: Manifest, catalog: Catalog, instance: Instance) -> tuple[bool, int]:
    """Order types by how near they come: those that only memory rules out before others, then by their room."""
    found = fits.of_instance(manifest, instance, catalog)
    return {one.code for one in found} <= {"BYO308"}, sizing.room(manifest, catalog, instance)


def _with_way_out(one: Diagnostic, manifest: Manifest, catalog: Catalog) -> Diagnostic:
    """Say of a model that does not fit which type would hold it."""
    if one.code != "BYO308" or one.help:
        return one
    best = choice.ranked(manifest, catalog)
    hint = f"name {best[0].instance.name}, which holds it, or write: instance_type: auto" if best else ""
    return replace(one, help=hint or "no instance type of the catalogue holds it: make the model smaller")


def _serverless(manifest: Manifest, catalog: Catalog) -> tuple[Placement | None, list[Diagnostic]]:
    block = manifest.endpoint.serverless or Serverless()
    given: tuple[int, ...] = () if block.memory_mib == "auto" else (block.memory_mib,)
    steps = given or SERVERLESS_STEPS
    containers = [container(mib, catalog) for mib in steps]
    fitting = next((one for one in containers if not fits.capacity(manifest, one, catalog)), None)
    if fitting is None:
        found = [_beyond(one, manifest, catalog) for one in fits.capacity(manifest, containers[-1], catalog)]
        return None, found
    mib = fitting.memory_mib
    if given:
        return _container(fitting, chosen(mib, "endpoint.serverless.memory_mib")), []
    reason = (
        f"the smallest step that holds a worker, which takes {gib(sizing.demand(manifest, catalog, fitting).alone)}"
    )
    return _container(fitting, Decision(mib, reason, SERVERLESS_DOCS, ("memory.worker_mib",))), []


def _beyond(one: Diagnostic, manifest: Manifest, catalog: Catalog) -> Diagnostic:
    """Say of a model that a serverless container does not hold which step would, or that none does."""
    enough = (mib for mib in SERVERLESS_STEPS if not fits.capacity(manifest, container(mib, catalog), catalog))
    step = next(enough, None)
    if step is not None:
        return replace(one, key=SERVERLESS_MEMORY, help=f"write: memory_mib: {step}, or auto")
    return replace(
        one, help=f"{SERVERLESS_STEPS[-1]} MiB is the most that a serverless endpoint has: use mode realtime"
    )


def container(memory_mib: int, catalog: Catalog) -> Instance:
    """A serverless container as the machine that it is: amd64, no GPU, CPU by its memory."""
    return Instance(
        name=f"serverless with {memory_mib} MiB",
        family="serverless",
        vcpus=max(1, memory_mib // SERVERLESS_VCPU_MIB),
        memory_mib=memory_mib,
        architecture="amd64",
        gpu=None,
        neuron=False,
        nvme_gb=None,
        burstable=False,
        batch=False,
        provider_floor=catalog.provider.common_floor,
        serverless=True,
    )
