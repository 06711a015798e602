"""How many predictions run at one time: worker processes, threads in each, native threads of each, requests that wait.

The rule: predictions at one time x native threads of each = vCPUs. Parallel predictions are processes, for two reasons:
Python code holds the interpreter's lock, also around a library that lets go of it; and where that does not bind, two
processes of one thread each answered more than one of two (rule `threads` of the benchmarks). OpenMP and BLAS
inside each are capped so that they do not fight over the same cores; where memory holds fewer processes than there are
vCPUs, each gets more of them. A GPU computes for one process; a serverless container has one request at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from byocgen.manifest.contradictions import payload_mib
from byocgen.plan import sizing
from byocgen.plan.decision import CONTAINER_DOCS, DEFAULT, Decision, Fact, chosen_or, counted
from byocgen.plan.evidence import measured
from byocgen.plan.memory import of_machine

if TYPE_CHECKING:
    from byocgen.catalog import Catalog, Instance
    from byocgen.manifest.model import Manifest

SERVERLESS_DOCS = "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html"
_NATIVE = "a process of one thread for each, which answers more than one of several threads"
WHY_PROCESSES = {
    "sklearn": "a prediction holds the interpreter's lock, so a process for each vCPU",
    "xgboost": "XGBoost lets go of the interpreter's lock, the code around it does not, so a process for each vCPU",
    "lightgbm": "LightGBM lets go of the interpreter's lock, the code around it does not, so a process for each vCPU",
    "pytorch": _NATIVE,
    "transformers": _NATIVE,
    "onnx": _NATIVE,
    "python": "Python code holds the interpreter's lock, so a process for each vCPU",
}
QUEUE_MOST = 128
QUEUE_LEAST = 4


@dataclass(frozen=True, slots=True)
class Lanes:
    """What runs side by side, and what waits."""

    workers: Decision[int]
    threads: Decision[int]
    blas_threads: Decision[int]
    queue_size: Decision[int]


def decide(manifest: Manifest, catalog: Catalog, instance: Instance) -> Lanes:
    """Share the machine's vCPUs and memory among predictions."""
    threads = _threads(manifest)
    workers = _workers(manifest, catalog, instance, threads.value)
    return Lanes(
        workers=workers,
        threads=threads,
        blas_threads=_native(manifest, catalog, instance, workers.value * threads.value),
        queue_size=_queue(manifest, catalog, instance, workers.value),
    )


def _threads(manifest: Manifest) -> Decision[int]:
    given = manifest.serving.threads
    alone = Decision(1, "one prediction at one time in a worker; workers run side by side", DEFAULT)
    return chosen_or(None if given == "auto" else given, "serving.threads", alone)


def _workers(manifest: Manifest, catalog: Catalog, instance: Instance, threads: int) -> Decision[int]:
    given = manifest.serving.workers
    return chosen_or(None if given == "auto" else given, "serving.workers", _best(manifest, catalog, instance, threads))


def _best(manifest: Manifest, catalog: Catalog, instance: Instance, threads: int) -> Decision[int]:
    framework, source = manifest.model.framework, "catalogue: instances.json"
    needed = sizing.demand(manifest, catalog, instance)
    by_memory = max(1, sizing.workers_that_fit(needed, instance))
    if instance.serverless:
        return Decision(1, "a serverless container is sent one request at a time", SERVERLESS_DOCS, ("stack.mode",))
    because = ("stack.instance_type", "memory.workers")
    if needed.gpu is not None and instance.gpu is not None:
        reason = f"{counted(instance.gpu.count, 'GPU')}; a process for each, which has it to itself"
        if by_memory < instance.gpu.count:
            reason = f"the host's memory holds {counted(by_memory, 'process')} for {counted(instance.gpu.count, 'GPU')}"
        return Decision(by_memory, reason, source, because)
    by_cpu = max(1, instance.vcpus // threads)
    vcpus = counted(instance.vcpus, "vCPU")
    evidence = measured(catalog, "workers", framework)
    causes: tuple[str | Fact, ...] = (*because, "serving.threads", "image.framework", *evidence)
    if by_memory < by_cpu:
        reason = f"memory, {instance.memory_mib / 1024:g} GiB, for {counted(by_memory, 'copy')} of the model ({vcpus})"
        return Decision(by_memory, reason, source, causes)
    return Decision(by_cpu, f"{vcpus}; {WHY_PROCESSES[framework]}", source, causes)


def _native(manifest: Manifest, catalog: Catalog, instance: Instance, lanes: int) -> Decision[int]:
    reason = f"{counted(instance.vcpus, 'vCPU')} for {counted(lanes, 'prediction')} at one time; more threads would only wait"
    evidence = measured(catalog, "threads", manifest.model.framework)
    because: tuple[str | Fact, ...] = ("serving.workers", "serving.threads", of_machine(instance), *evidence)
    return Decision(max(1, instance.vcpus // lanes), reason, "workers x threads x blas_threads <= vCPUs", because)


def _queue(manifest: Manifest, catalog: Catalog, instance: Instance, workers: int) -> Decision[int]:
    """A body that waits is held in memory: as many as fit beside the workers, and never more than would be answered."""
    because = (
        "serving.workers",
        "memory.worker_mib",
        "memory.further_worker_mib",
        "memory.usable_mib",
        "serving.max_payload_bytes",
    )
    needed = sizing.demand(manifest, catalog, instance)
    free = sizing.usable(instance).mib - needed.total(workers)
    body = payload_mib(manifest)
    bodies = max(QUEUE_LEAST, free // (workers * body))
    if bodies >= QUEUE_MOST:
        reason = "requests that wait in one worker; a longer queue only turns into time-outs"
        return Decision(QUEUE_MOST, reason, DEFAULT, because)
    left = f"the memory that {counted(workers, 'worker')} leave{'s' * (workers == 1)}"
    return Decision(
        bodies, f"requests that wait in one worker: bodies of {body} MiB in {left}", CONTAINER_DOCS, because
    )
