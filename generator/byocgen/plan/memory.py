"""The memory of the plan: the terms of `sizing` as decisions, and how many workers they leave room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.plan import sizing
from byocgen.plan.decision import DEFAULT, Decision, Fact, counted
from byocgen.plan.demand import gib
from byocgen.plan.plan import MemoryPlan

if TYPE_CHECKING:
    from byocgen.catalog import Catalog, Gpu, Instance
    from byocgen.manifest.model import Manifest
    from byocgen.plan.demand import Demand, Term

_SUM = "the sum of its terms"


def decide(manifest: Manifest, catalog: Catalog, instance: Instance) -> MemoryPlan:
    """Count what serving takes on `instance`."""
    needed = sizing.demand(manifest, catalog, instance)
    gpu = sizing.gpu_at_work(catalog, manifest.model.framework, instance)
    on_gpu = needed.gpu
    where = "on the GPU: " if on_gpu else ""
    none: Decision[int] = Decision(0, "no GPU computes", DEFAULT, ("image.framework", "stack.instance_type"))
    on = _machine(instance, gpu)
    terms = (
        "memory.process_mib",
        "memory.weights_mib",
        "memory.loading_mib",
        "memory.working_mib",
        "memory.kv_cache_mib",
    )
    gpu_terms = ("memory.weights_mib", "memory.kv_cache_mib")
    return MemoryPlan(
        process_mib=_term(needed.process, because=("image.framework", *on)),
        weights_mib=_term(on_gpu.weights if on_gpu else needed.weights, where, ("image.framework", *on)),
        loading_mib=_term(needed.loading, because=("memory.weights_mib", "image.framework", *on)),
        working_mib=_term(
            needed.working,
            because=("serving.threads", "serving.max_payload_bytes", "memory.weights_mib", "image.framework", *on),
        ),
        kv_cache_mib=_term(on_gpu.kv_cache if on_gpu else needed.kv_cache, where, ("serving.threads",)),
        worker_mib=Decision(needed.alone, needed.sum, _SUM, terms),
        further_worker_mib=_further(manifest, needed, instance),
        usable_mib=_term(sizing.usable(instance), because=(of_machine(instance),)),
        gpu_worker_mib=Decision(on_gpu.mib, on_gpu.sum, _SUM, gpu_terms) if on_gpu else none,
        gpu_usable_mib=_term(sizing.usable_gpu(gpu), because=("stack.instance_type",)) if gpu else none,
        workers=_workers(needed, instance),
    )


def _machine(instance: Instance, gpu: Gpu | None) -> tuple[Fact, ...]:
    """The GPU at work as a fact: a type that is chosen by these terms is no cause of them."""
    return () if gpu is None else (Fact(f"{instance.name} computes on {gpu.model}", "catalogue: instances.json"),)


def of_machine(instance: Instance) -> str:
    """The key of the decision that says how large the machine is."""
    return "serverless.memory_mib" if instance.serverless else "stack.instance_type"


def _term(term: Term, where: str = "", because: tuple[str | Fact, ...] = ()) -> Decision[int]:
    return Decision(term.mib, where + term.reason, term.source, because)


def _further(manifest: Manifest, needed: Demand, instance: Instance) -> Decision[int]:
    # Forked are workers of one thread: as many as the manifest says, or else one for each vCPU.
    lanes = "serving.threads" if manifest.serving.workers == "auto" else "serving.workers"
    terms = ("memory.worker_mib", "memory.weights_mib", "image.framework", "stack.mode", of_machine(instance), lanes)
    if needed.forked:
        return Decision(needed.more, needed.beside.reason, needed.beside.source, terms)
    if needed.shared_mib:
        reason = f"{gib(needed.shared_mib)} of the weights are mapped from their file, once for all workers"
        return Decision(needed.more, reason, sizing.MEASURED, terms)
    return Decision(needed.more, "a process of its own with a copy of the model", sizing.MEASURED, terms)


def _workers(needed: Demand, instance: Instance) -> Decision[int]:
    count = sizing.workers_that_fit(needed, instance)
    keys = ("memory.worker_mib", "memory.further_worker_mib", "memory.usable_mib")
    if needed.gpu is not None and instance.gpu is not None:
        reason = f"each has one of {counted(instance.gpu.count, 'GPU')} to itself"
        return Decision(
            count, reason, "catalogue: instances.json", (*keys, "memory.gpu_worker_mib", "memory.gpu_usable_mib")
        )
    reason = f"together {gib(needed.total(count))} of {gib(sizing.usable(instance).mib)}"
    return Decision(count, reason, "catalogue: instances.json", keys)
