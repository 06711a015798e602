"""Instance types that answer what somebody looks for, with prices, and why each of the others does not.

Rules: pure. With a manifest a type must also hold its model; without one it only has to be of a kind that byocgen makes
projects for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from byocgen.plan import choice, fits, lanes
from byocgen.plan.decision import counted
from byocgen.plan.demand import gib

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.catalog import Catalog, Gpu, Instance
    from byocgen.manifest.kinds import Mode
    from byocgen.manifest.model import Manifest
    from byocgen.plan.choice import Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to look for; None and empty are anything. Memory in GiB; that of one GPU in GB, as GPUs are sold."""

    region: str
    mode: Mode = "realtime"
    gpu: bool = False
    min_gpu_memory: float | None = None
    min_vcpus: int | None = None
    min_memory: float | None = None
    architecture: str | None = None
    families: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A type with its price; `workers` that it holds, where a manifest was given."""

    offer: Offer
    workers: int | None


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A type that does not answer, and all that speaks against it."""

    instance: Instance
    reasons: tuple[str, ...]


def search(wanted: Wanted, manifest: Manifest | None, catalog: Catalog) -> tuple[list[Found], list[RuledOut]]:
    """Part the catalogue's types: those that answer, cheapest or smallest first, and the others in the catalogue's order."""
    fitting: list[Offer] = []
    others: list[RuledOut] = []
    for instance in catalog.instances.values():
        reasons = (*_against(wanted, instance), *_unfit(wanted, manifest, instance, catalog))
        if reasons:
            others.append(RuledOut(instance, reasons))
        else:
            fitting.append(choice.priced(instance, wanted.region, wanted.mode, catalog))
    return [Found(one, _workers(manifest, one.instance, catalog)) for one in choice.known_first(fitting)], others


def _against(wanted: Wanted, instance: Instance) -> Iterator[str]:
    gpu = instance.gpu
    if wanted.families and instance.family not in wanted.families:
        yield f"family {instance.family}"
    if (wanted.gpu or wanted.min_gpu_memory is not None) and gpu is None:
        yield "no GPU"
    elif gpu is not None and wanted.min_gpu_memory is not None and _sold_as(gpu) < wanted.min_gpu_memory:
        yield f"{_sold_as(gpu)} GB on one {gpu.model}"
    if wanted.min_vcpus is not None and instance.vcpus < wanted.min_vcpus:
        yield counted(instance.vcpus, "vCPU")
    if wanted.min_memory is not None and instance.memory_mib < wanted.min_memory * 1024:
        yield f"{gib(instance.memory_mib)} of memory"
    if wanted.architecture is not None and instance.architecture != wanted.architecture:
        yield f"{instance.architecture} CPUs"


def _sold_as(gpu: Gpu) -> int:
    """GB of one GPU as its maker counts them: an A10G has 24, which are 22.4 GiB."""
    return round(gpu.memory_mib_each * 1024**2 / 1000**3)


def _unfit(wanted: Wanted, manifest: Manifest | None, instance: Instance, catalog: Catalog) -> Iterator[str]:
    found = (
        [*fits.of_kind(instance, wanted.mode)] if manifest is None else fits.of_instance(manifest, instance, catalog)
    )
    yield from (one.message for one in found)


def _workers(manifest: Manifest | None, instance: Instance, catalog: Catalog) -> int | None:
    """Workers that byocgen would start: as many as vCPUs, or GPUs, and memory allow."""
    if manifest is None:
        return None
    return lanes.decide(manifest, catalog, instance).workers.value
