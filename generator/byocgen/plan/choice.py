"""Which instance types fit a manifest, which of them is best, and why each of the others is not.

Rules: pure and total. A type fits when `fits` finds nothing about it; `why_not` also has what nobody would be glad to get
unasked. Prices rank what fits where all of them are known in the region; else the smallest is first, and the reason says
so. No price is ever made up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byocgen.plan import availability, fits, sizing
from byocgen.plan.cost import USES
from byocgen.plan.decision import Decision, Fact, counted
from byocgen.plan.demand import gib

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.catalog import Catalog, Instance, Price
    from byocgen.manifest.kinds import Mode
    from byocgen.manifest.model import Manifest

FEWEST_VCPUS = 2
NEW_TOKENS = 256
"""Tokens that the server writes where neither request nor model says how many (serving/generation.py)."""
CPU_GIB_PER_SECOND = 10.0
"""Weights that a worker on one vCPU reads a second while it writes a text."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An instance type with its price in a region, None where no source states it."""

    instance: Instance
    price: Price | None


def priced(instance: Instance, region: str, mode: Mode, catalog: Catalog) -> Offer:
    """Look up what a type costs in a region."""
    return Offer(instance, catalog.prices.hourly(region, instance.name, USES.get(mode, "hosting")))


def ranked(manifest: Manifest, catalog: Catalog) -> list[Offer]:
    """The types that fit, best first."""
    fitting = [
        priced(one, manifest.regions[0], manifest.endpoint.mode, catalog)
        for one in catalog.instances.values()
        if next(why_not(manifest, one, catalog), None) is None
    ]
    return arranged(fitting)


def arranged(offers: list[Offer]) -> list[Offer]:
    """Sort by price where every price is known, else by size."""
    if all(one.price for one in offers):
        return sorted(offers, key=lambda one: (one.price.usd if one.price else 0, *by_size(one.instance)))
    return sorted(offers, key=lambda one: by_size(one.instance))


def known_first(offers: list[Offer]) -> list[Offer]:
    """Sort those with a price by it, then the others by size."""
    known = [one for one in offers if one.price is not None]
    return [*arranged(known), *arranged([one for one in offers if one.price is None])]


def by_size(instance: Instance) -> tuple[float | str, ...]:
    """What makes an instance small: its GPUs, vCPUs, memory, a disk of its own; then what makes it easy to have.

    Among equals those come first that an older provider knows, then amd64, on which most images are built, then the newest
    generation.
    """
    gpu = instance.gpu.count * instance.gpu.memory_mib_each if instance.gpu else 0
    per_vcpu = round(instance.memory_mib / 1024 / instance.vcpus)  # c4 has 3.75 GiB where its successors have 4
    provider = int(instance.provider_floor.partition(".")[0] or 0)
    generation = int("".join(re.findall(r"\d", instance.family)[:1]) or 0)
    ease = (instance.nvme_gb or 0, provider, instance.architecture, -generation, instance.name)
    return gpu, instance.vcpus, per_vcpu, *ease


def why_not(manifest: Manifest, instance: Instance, catalog: Catalog) -> Iterator[str]:
    """Say each thing that keeps byocgen from choosing an instance type."""
    yield from (one.message for one in fits.of_instance(manifest, instance, catalog))
    yield from _unasked(manifest, instance, catalog)


def _unasked(manifest: Manifest, instance: Instance, catalog: Catalog) -> Iterator[str]:
    if instance.burstable:
        yield f"{instance.name} computes at full speed only while it has CPU credits"
    if instance.vcpus < FEWEST_VCPUS:
        yield f"{instance.name} has one vCPU, and none to accept connections within 250 ms while that one predicts"
    if instance.architecture == "arm64" and manifest.model.requirements:
        yield f"{instance.name} has arm64 CPUs, and nobody knows here whether model.requirements has wheels for them"
    if sizing.gpu_at_work(catalog, manifest.model.framework, instance) is None:
        yield from _too_slow(manifest, instance)


def _too_slow(manifest: Manifest, instance: Instance) -> Iterator[str]:
    """Each new token reads all weights once, so their size says how long a text takes at least."""
    size = manifest.model.size_gib
    if manifest.model.generation is None or size is None:
        return
    seconds = NEW_TOKENS * size / CPU_GIB_PER_SECOND
    if seconds > manifest.serving.timeout_seconds:
        yield (
            f"{NEW_TOKENS} tokens, of which each reads {size:g} GiB of weights, take at least {seconds:.0f} s on the CPUs "
            f"of {instance.name}, and serving.timeout_seconds is {manifest.serving.timeout_seconds}"
        )


def decided(best: list[Offer], manifest: Manifest, catalog: Catalog) -> Decision[str]:
    """Choose the first of them, and say by which rule and what came second."""
    first, *others = best
    fitting = f"of {counted(len(best), 'type')} that fit{'s' * (len(best) == 1)}"
    second = f", then {others[0].instance.name}" if others else ""
    reason = f"the cheapest {fitting}{second}"
    known = sum(one.price is not None for one in best)
    if known < len(best):
        prices = f"{known or 'no'} price{'s' * (known != 1)} of them in {manifest.regions[0]} known, too few to name the cheapest"
        reason = f"the smallest {fitting}{second}; {prices}"
    facts = tuple(
        Fact(f"{one.instance.name}: ${one.price.usd} an hour in {manifest.regions[0]}", one.price.source)
        for one in best[:2]
        if one.price is not None
    )
    source = "catalogue: prices.json" if known == len(best) else "catalogue: instances.json"
    offered = availability.facts(manifest, first.instance.name, catalog)
    because: tuple[str | Fact, ...] = ("stack.region", "stack.mode", "memory.worker_mib", *facts, *offered)
    return Decision(first.instance.name, f"{size(first.instance)}: {reason}", source, because)


def size(instance: Instance) -> str:
    """Say what an instance has: `4 vCPUs, 16 GiB, amd64`."""
    gpu = (
        f", {instance.gpu.count} x {instance.gpu.model} of {gib(instance.gpu.memory_mib_each)}" if instance.gpu else ""
    )
    return f"{counted(instance.vcpus, 'vCPU')}, {gib(instance.memory_mib)}, {instance.architecture}{gpu}"
