"""How the app runs: processes, threads, limits.

The rule: predictions at one time x native threads of each = vCPUs. Parallel predictions are processes, for two reasons:
Python code holds the interpreter's lock, also around a library that lets go of it; and where that does not bind, two
processes of one thread each answered more than one of two (measured with a transformers classifier). OpenMP and BLAS
inside each are capped so that they do not fight over the same cores; where memory holds fewer processes than there are
vCPUs, each gets more of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from byocgen.manifest.contradictions import payload_mib
from byocgen.manifest.model import Batching, Input, Serving
from byocgen.plan.decision import CONTAINER_DOCS, DEFAULT, INVOKE_DOCS, Decision, chosen, chosen_or, counted
from byocgen.plan.plan import ServingPlan

if TYPE_CHECKING:
    from byocgen.catalog import Catalog, Instance
    from byocgen.manifest.kinds import InputType
    from byocgen.manifest.model import Manifest

WORKER_MIB = {
    "sklearn": 256,
    "xgboost": 256,
    "lightgbm": 256,
    "pytorch": 400,
    "transformers": 512,
    "onnx": 128,
    "python": 128,
}
"""Memory of one worker without a model, by framework, rounded up from what was measured of Litestar with it: 184 to 215 MB
scikit-learn, 208 MB xgboost, 205 MB lightgbm (both import scikit-learn), 372 MB torch, 468 MB transformers, 98 MB
onnxruntime, 74 MB no library."""
USABLE_SHARE = 0.8
"""Share of an instance's memory that the container may plan with; the rest is the host's and the page cache's."""
LOADING_FACTOR = 2
"""A model is held twice while it loads: as the file's bytes and as what is made of them."""
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
QUEUE_SIZE = 128
BATCH_SIZE = 64
WHY_BATCHES = (
    "most requests in one batch; what waits when the model is free is one: with 64 clients 5 times the answers of one by one"
    " (a logistic regression), 16 times (a forest of 200 trees)"
)
WHY_LANE = (
    "measured at start: in the event loop what answers well under a millisecond, for a thread costs more; all else beside it,"
    " so that /ping never waits"
)
WHY_HTTP = (
    'plain requests below ASGI, at a third of its cost (uvicorn: 71,300 instead of 23,600 answers a second); "asgi" sends all'
    " through the application"
)
OPTIMIZED = {
    "sklearn": "`make model` compiles linear models and trees, and the server uses that where it was shown to answer alike: one"
    " row through scaler and logistic regression in 8 us instead of 297, without importing scikit-learn",
}
"""Frameworks whose scaffold has an `optimize` folder, and what it is good for."""
MEASURED = "measured: wrk, 64 connections, one worker"
MIB = 1024 * 1024
DRAIN_SECONDS = 25
PLATFORM_KILL_SECONDS = 30


def copies_that_fit(instance: Instance, framework: str, size_gib: float | None) -> int:
    """Count the workers, each with its own copy of the model, that fit the memory of an instance."""
    each = WORKER_MIB[framework] + (size_gib or 0) * 1024 * LOADING_FACTOR
    return int(instance.memory_mib * USABLE_SHARE // each)


def decide(manifest: Manifest, catalog: Catalog, instance: Instance) -> ServingPlan:
    """Choose how the app runs on `instance`. The manifest has been checked against the catalogue."""
    serving = manifest.serving
    threads = _threads(manifest)
    workers = _workers(manifest, instance, threads.value)
    lanes = workers.value * threads.value
    native = max(1, instance.vcpus // lanes)
    return ServingPlan(
        workers=workers,
        threads=threads,
        blas_threads=Decision(
            native,
            f"{counted(instance.vcpus, 'vCPU')} for {counted(lanes, 'prediction')} at one time; more threads would only wait",
            "workers x threads x blas_threads <= vCPUs",
            ("serving.workers", "serving.threads", "stack.instance_type"),
        ),
        queue_size=Decision(
            QUEUE_SIZE, "requests that wait in one worker; a longer queue only turns into time-outs", DEFAULT
        ),
        timeout_seconds=_timeout(manifest),
        max_payload_bytes=_payload(manifest),
        drain_seconds=Decision(
            DRAIN_SECONDS,
            f"SageMaker kills {PLATFORM_KILL_SECONDS} s after SIGTERM; what is in flight is answered before",
            CONTAINER_DOCS,
        ),
        stream=_stream(manifest),
        batch_size=_batch_size(manifest),
        batch_delay_ms=_batch_delay(manifest),
        lane=Decision("auto", WHY_LANE, MEASURED),
        http=Decision("direct", WHY_HTTP, MEASURED),
        optimize=_optimize(manifest),
        inputs=_inputs(manifest, catalog),
        environment=chosen(dict(manifest.serving.environment), "serving.environment")
        if serving.environment
        else Decision({}, "the manifest names no variables", DEFAULT),
    )


def _threads(manifest: Manifest) -> Decision[int]:
    given = manifest.serving.threads
    alone = Decision(1, "one prediction at one time in a worker; workers run side by side", DEFAULT)
    return chosen_or(None if given == "auto" else given, "serving.threads", alone)


def _workers(manifest: Manifest, instance: Instance, threads: int) -> Decision[int]:
    given = manifest.serving.workers
    by_cpu = max(1, instance.vcpus // threads)
    by_memory = copies_that_fit(instance, manifest.model.framework, manifest.model.size_gib)
    vcpus = counted(instance.vcpus, "vCPU")
    reason = f"{vcpus}; {WHY_PROCESSES[manifest.model.framework]}"
    if by_memory < by_cpu:
        reason = f"memory, {instance.memory_mib / 1024:g} GiB, for {counted(by_memory, 'copy')} of the model ({vcpus})"
    because = ("stack.instance_type", "serving.threads", "image.framework")
    best = Decision(max(1, min(by_cpu, by_memory)), reason, "catalogue: instances.json", because)
    return chosen_or(None if given == "auto" else given, "serving.workers", best)


def _payload(manifest: Manifest) -> Decision[int]:
    mib = payload_mib(manifest)
    if manifest.serving.max_payload_mib is not None:
        return Decision(mib * MIB, f"the manifest says so: {mib} MiB", "manifest: serving.max_payload_mib")
    return Decision(mib * MIB, f"{mib} MiB, as much as an invocation can carry", INVOKE_DOCS)


def _timeout(manifest: Manifest) -> Decision[int]:
    seconds = manifest.serving.timeout_seconds
    if seconds != Serving.timeout_seconds:
        return chosen(seconds, "serving.timeout_seconds")
    return Decision(seconds, "as long as SageMaker waits for a real-time answer", INVOKE_DOCS)


def _stream(manifest: Manifest) -> Decision[bool]:
    if manifest.serving.stream:
        return chosen(value=True, field="serving.stream")
    return Decision(value=False, reason="an answer is sent when it is complete", source=DEFAULT)


def _batch_size(manifest: Manifest) -> Decision[int]:
    batching = manifest.serving.batching
    if isinstance(batching, Batching):
        return chosen(batching.max_size, "serving.batching")
    if batching == "off":
        return chosen(1, "serving.batching")
    return Decision(BATCH_SIZE, WHY_BATCHES, MEASURED)


def _batch_delay(manifest: Manifest) -> Decision[int]:
    batching = manifest.serving.batching
    if isinstance(batching, Batching) and batching.max_delay_ms:
        return chosen(batching.max_delay_ms, "serving.batching")
    return Decision(0, "only what waits already is joined, so a request that comes alone is as fast as ever", DEFAULT)


def _optimize(manifest: Manifest) -> Decision[str]:
    if manifest.serving.optimize == "off":
        return chosen("off", "serving.optimize")
    if manifest.model.framework in OPTIMIZED:
        return Decision("auto", OPTIMIZED[manifest.model.framework], MEASURED)
    return Decision("off", "no faster equal of such a model is made; its own library serves it", DEFAULT)


def _inputs(manifest: Manifest, catalog: Catalog) -> Decision[tuple[Input, ...]]:
    model = manifest.model
    if model.inputs:
        return chosen(model.inputs, "model.inputs")
    sample = catalog.frameworks[model.framework].sample
    if model.artifact is None and sample is not None:
        return Decision(
            _columns(sample.inputs), f"columns of the sample model ({sample.dataset})", "catalogue: frameworks.json"
        )
    return Decision((), "the model's own feature names, where it has them", DEFAULT)


def _columns(pairs: tuple[tuple[str, str], ...]) -> tuple[Input, ...]:
    return tuple(Input(name=name, type=cast("InputType", kind)) for name, kind in pairs)
