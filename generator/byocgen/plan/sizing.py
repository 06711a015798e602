"""How much memory serving takes, term by term, and how many workers of it an instance holds.

Rules: pure arithmetic on the manifest and measured facts (catalogue: memory.json); every term has its number, the way it
was counted and its source, so that `explain` can show the sum. MiB throughout, rounded up. A worker loads or works, never
both at once. Where a GPU computes, the weights and what grows with them lie on it, one worker a GPU.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from byocgen.catalog import Build
from byocgen.manifest.contradictions import payload_mib
from byocgen.plan import drivers
from byocgen.plan.decision import DEFAULT, counted
from byocgen.plan.demand import NOTHING, Demand, GpuDemand, Term, gib

if TYPE_CHECKING:
    from byocgen.catalog import Catalog, Footprint, Gpu, Instance
    from byocgen.manifest.model import Manifest

USABLE_SHARE = 0.8
"""Of an instance's memory. The rest is for the host and SageMaker's agents, for the page cache that a model is read
through, and for the twentieth that the server keeps free (serving/memory_guard.py)."""
USABLE_SHARE_SERVERLESS = 0.9
"""A serverless container has its memory to itself: what stays free is the server's twentieth, and as much again."""
USABLE_SHARE_GPU = 0.9
"""Of a GPU's memory, as vLLM plans with by default."""
VLLM_DOCS = "https://docs.vllm.ai/en/latest/configuration/engine_args.html"
BODY_FACTOR = 8
"""Times the largest body: a JSON body of 6 MiB took 46 MiB at its peak, decoded, predicted and answered."""
ACTIVATION_SHARE = 0.2
"""Of a network's weights: what a forward pass adds to them."""
ACTIVATION_SOURCE = "https://blog.eleuther.ai/transformer-math/"
CUDA_CONTEXT_MIB = 1344
"""What a process takes on a GPU before anything of its own is there."""
CUDA_SOURCE = "https://huggingface.co/docs/transformers/model_memory_anatomy"
CUDA_HOST_MIB = 2048
"""Memory of the host for a process that uses CUDA: its libraries. A margin, never measured: no GPU was there."""
NETWORKS = ("pytorch", "transformers", "onnx")
MEASURED = "catalogue: memory.json"


def demand(manifest: Manifest, catalog: Catalog, instance: Instance) -> Demand:
    """Count what serving takes on an instance."""
    framework = manifest.model.framework
    print_ = catalog.footprints[framework]
    size = math.ceil((manifest.model.size_gib or 0) * 1024)
    gpu = gpu_at_work(catalog, framework, instance)
    if gpu is not None:
        return _on_gpu(manifest, print_, size)
    weights = _weights(manifest, print_, size)
    apart = Demand(
        process=Term(print_.process_mib, f"a process with {framework} and no model", MEASURED),
        weights=weights,
        loading=_loading(print_, size, weights.mib),
        working=_working(manifest, framework, size),
        kv_cache=_kv_cache(manifest),
        beside=Term(print_.process_mib, "a process of its own", MEASURED),
        shared_mib=math.ceil(weights.mib * print_.shared),
    )
    fork = Term(print_.more_worker_mib, "a fork of the process that has the model, which stays shared", MEASURED)
    forked = replace(apart, beside=fork, shared_mib=0)
    return forked if _forks(manifest, print_, instance, forked) else apart


def gpu_at_work(catalog: Catalog, framework: str, instance: Instance) -> Gpu | None:
    """The GPUs that the framework computes on; None where there are none, or none that it uses."""
    return instance.gpu if drivers.build(catalog.frameworks[framework], instance) is Build.CUDA else None


def usable(instance: Instance) -> Term:
    """What of an instance's memory is planned with."""
    share = USABLE_SHARE_SERVERLESS if instance.serverless else USABLE_SHARE
    what = "the container's memory" if instance.serverless else f"the {gib(instance.memory_mib)} of {instance.name}"
    rest = (
        "the server keeps some free" if instance.serverless else "the host, the page cache and the server keep the rest"
    )
    return Term(int(instance.memory_mib * share), f"{share:.0%} of {what}: {rest}", "catalogue: instances.json")


def usable_gpu(gpu: Gpu) -> Term:
    """What of one GPU's memory is planned with."""
    reason = f"{USABLE_SHARE_GPU:.0%} of the {gib(gpu.memory_mib_each)} of one {gpu.model}, as vLLM plans by default"
    return Term(int(gpu.memory_mib_each * USABLE_SHARE_GPU), reason, VLLM_DOCS)


def workers_that_fit(needed: Demand, instance: Instance) -> int:
    """Count the workers that memory holds; with a GPU at work never more than GPUs."""
    room = usable(instance).mib
    if needed.alone > room:
        return 0
    if needed.gpu is not None and instance.gpu is not None:
        if needed.gpu.mib > usable_gpu(instance.gpu).mib:
            return 0
        return min(instance.gpu.count, room // needed.alone)
    fixed = needed.process.mib + needed.weights.mib if needed.forked else needed.shared_mib
    return max(1, (room - fixed) // needed.more)


def room(manifest: Manifest, catalog: Catalog, instance: Instance) -> int:
    """What one copy of the model may take: of a GPU where one computes, else of the instance, MiB."""
    gpu = gpu_at_work(catalog, manifest.model.framework, instance)
    return usable(instance).mib if gpu is None else usable_gpu(gpu).mib


def _weights(manifest: Manifest, print_: Footprint, size: int) -> Term:
    if not size:
        return Term(0, "model.size_gib is not given: a model so small that it does not count", DEFAULT)
    how = f", {print_.held:g} times as loaded" if print_.held > 1 else ""
    return Term(math.ceil(size * print_.held), f"{manifest.model.size_gib:g} GiB{how}", "manifest: model.size_gib")


def _loading(print_: Footprint, size: int, weights: int) -> Term:
    extra = max(0, math.ceil(size * print_.peak) - weights)
    return Term(extra, f"at its peak {print_.peak:g} times the model, while it loads", MEASURED) if extra else NOTHING


def _working(manifest: Manifest, framework: str, size: int) -> Term:
    lanes = 1 if manifest.serving.threads == "auto" else manifest.serving.threads
    largest = payload_mib(manifest)
    bodies = lanes * largest * BODY_FACTOR
    reason = f"{BODY_FACTOR} times the largest body of {largest} MiB, for {lanes} at one time"
    if framework not in NETWORKS or not size:
        return Term(bodies, reason, MEASURED)
    passes = math.ceil(lanes * size * ACTIVATION_SHARE)
    return Term(bodies + passes, f"{reason}; {ACTIVATION_SHARE:.0%} of the weights for a pass", ACTIVATION_SOURCE)


def _kv_cache(manifest: Manifest) -> Term:
    block = manifest.model.generation
    if block is None:
        return Term(0, "model.generation is not given: nothing is kept of each token", DEFAULT)
    lanes = 1 if manifest.serving.threads == "auto" else manifest.serving.threads
    sequences = lanes * block.sequences
    mib = math.ceil(block.kv_kib_per_token * block.context_tokens * sequences / 1024)
    reason = (
        f"{block.kv_kib_per_token:g} KiB of keys and values a token, {block.context_tokens:,} tokens, "
        f"{sequences} texts at one time"
    )
    return Term(mib, reason, "manifest: model.generation")


def _forks(manifest: Manifest, print_: Footprint, instance: Instance, forked: Demand) -> bool:
    """Whether the server forks its workers: where a prediction has one thread, so with workers for all vCPUs, and no GPU.

    Where memory does not hold so many, fewer are made that have more threads each and load the model themselves. Models of
    a multi-model endpoint come and go: there is no process that has them.
    """
    if print_.sharing != "forked" or manifest.endpoint.mode == "multi-model" or instance.gpu is not None:
        return False
    threads = 1 if manifest.serving.threads == "auto" else manifest.serving.threads
    given = manifest.serving.workers
    if given != "auto":
        return instance.vcpus // (given * threads) <= 1
    return forked.total(max(1, instance.vcpus // threads)) <= usable(instance).mib


def _on_gpu(manifest: Manifest, print_: Footprint, size: int) -> Demand:
    weights = _weights(manifest, print_, size)
    host = Term(
        max(CUDA_HOST_MIB, print_.process_mib), "a process with CUDA's libraries: a margin, not measured", DEFAULT
    )
    lanes = 1 if manifest.serving.threads == "auto" else manifest.serving.threads
    bodies = lanes * payload_mib(manifest) * BODY_FACTOR
    passes = math.ceil(lanes * size * ACTIVATION_SHARE)
    return Demand(
        process=host,
        weights=NOTHING,
        loading=Term(
            math.ceil(size * print_.peak), "the model passes through the host's memory while it loads", MEASURED
        ),
        working=Term(bodies, f"{BODY_FACTOR} times the largest body of {payload_mib(manifest)} MiB", MEASURED),
        kv_cache=NOTHING,
        beside=host,
        shared_mib=0,
        gpu=GpuDemand(
            context=Term(CUDA_CONTEXT_MIB, "CUDA's context and PyTorch's kernels", CUDA_SOURCE),
            weights=weights,
            working=Term(passes, f"{ACTIVATION_SHARE:.0%} of the weights for a pass", ACTIVATION_SOURCE),
            kv_cache=_kv_cache(manifest),
        ),
    )


def shortage(needed: Demand, instance: Instance, workers: int) -> str:
    """Say with all numbers why so many workers do not fit an instance."""
    if needed.gpu is not None and instance.gpu is not None and needed.alone <= usable(instance).mib:
        return _gpu_shortage(needed.gpu, instance.gpu, instance.name, workers)
    each = f" ({gib(needed.alone)} the first)" if workers > 1 else ""
    return (
        f"{counted(workers, 'worker')} take{'s' * (workers == 1)} {gib(needed.total(workers))}{each}: {needed.sum}; "
        f"{instance.name} has {gib(usable(instance).mib)} of its {gib(instance.memory_mib)} for that"
    )


def _gpu_shortage(needed: GpuDemand, gpu: Gpu, name: str, workers: int) -> str:
    room = usable_gpu(gpu)
    if needed.mib <= room.mib:
        return (
            f"{counted(workers, 'worker')} on the {counted(gpu.count, 'GPU')} of {name}, where each has one to itself"
        )
    split = "; a model is not split over several" if gpu.count > 1 else ""
    return (
        f"the model takes {gib(needed.mib)} of a GPU: {needed.sum}; one {gpu.model} of {name} has {gib(room.mib)} of its "
        f"{gib(gpu.memory_mib_each)} for that{split}"
    )
