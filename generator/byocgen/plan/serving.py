"""How the app runs: what `lanes` shares out, limits of a request, and what the model takes.

Rules: one decision a function; each names the field, the page or the measurement that it follows from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from byocgen.manifest.contradictions import INVOCATION_MAX, payload_mib
from byocgen.manifest.model import Batching, Input, Serving
from byocgen.plan import evidence, lanes, sizing
from byocgen.plan.decision import CONTAINER_DOCS, DEFAULT, INVOKE_DOCS, Decision, Value, chosen
from byocgen.plan.plan import ServingPlan

if TYPE_CHECKING:
    from byocgen.catalog import Catalog, Instance
    from byocgen.manifest.kinds import InputType
    from byocgen.manifest.model import Manifest

BATCH_SIZE = 64
WHY_BATCHES = "most requests in one batch; what waits when the model is free is one"
WHY_LANE = (
    "measured at start: in the event loop what answers well under a millisecond, for a thread costs more; all else beside it,"
    " so that /ping never waits"
)
WHY_HTTP = 'plain requests below ASGI, which costs more than a small model; "asgi" sends all through the application'
OPTIMIZED = {
    "sklearn": "`make model` compiles linear models, trees, and the columns of data frames before them, and the server uses that"
    " where it was shown to answer alike: one row through scaler and logistic regression in 8 us instead of 297, through a"
    " ColumnTransformer in 14 us instead of 3,500, without importing scikit-learn",
    "transformers": "`make model` writes the graph of a model that reads texts, and ONNX Runtime serves it where it was shown to"
    " answer alike, without importing PyTorch: a text through a classifier of 4 layers in 3.4 ms of a CPU instead of 7.7, two"
    " workers in 180 MiB instead of 520, started with a fifth of the CPU time",
    "xgboost": "the server calls XGBoost's C interface itself, where a trial at its start showed the same answers: one row of 200"
    " trees in 48 us instead of 112, 100 rows in 258 instead of 349",
    "lightgbm": "the server calls LightGBM's C interface for single rows itself, where a trial at its start showed the same"
    " answers: one row of 200 trees in 7 us instead of 19, of a pickled LGBMClassifier in 10 instead of 592",
}
"""Frameworks that have a faster way to the same answers, and what it is good for."""
WRITING = ("text-generation", "text2text-generation", "summarization", "translation")
"""Tasks of transformers that are answered by many passes through the model."""
MIB = 1024 * 1024
DRAIN_SECONDS = 25
PLATFORM_KILL_SECONDS = 30


def decide(manifest: Manifest, catalog: Catalog, instance: Instance) -> ServingPlan:
    """Choose how the app runs on `instance`. The manifest has been checked against the catalogue."""
    serving = manifest.serving
    shared = lanes.decide(manifest, catalog, instance)
    return ServingPlan(
        workers=shared.workers,
        threads=shared.threads,
        blas_threads=shared.blas_threads,
        queue_size=shared.queue_size,
        timeout_seconds=_timeout(manifest),
        max_payload_bytes=_payload(manifest),
        drain_seconds=Decision(
            DRAIN_SECONDS,
            f"SageMaker kills {PLATFORM_KILL_SECONDS} s after SIGTERM; what is in flight is answered before",
            CONTAINER_DOCS,
        ),
        stream=_stream(manifest),
        batch_size=_batch_size(manifest, catalog),
        batch_delay_ms=_batch_delay(manifest),
        lane=_measured("auto", WHY_LANE, "lane", manifest, catalog),
        http=_measured("direct", WHY_HTTP, "http", manifest, catalog),
        optimize=_optimize(manifest, catalog, instance),
        inputs=_inputs(manifest, catalog),
        environment=chosen(dict(manifest.serving.environment), "serving.environment")
        if serving.environment
        else Decision({}, "the manifest names no variables", DEFAULT),
    )


def _measured(value: Value, reason: str, rule: str, manifest: Manifest, catalog: Catalog) -> Decision[Value]:
    return Decision(value, reason, evidence.SOURCE, evidence.measured(catalog, rule, manifest.model.framework))


def _payload(manifest: Manifest) -> Decision[int]:
    mib = payload_mib(manifest)
    if manifest.serving.max_payload_mib is not None:
        return Decision(mib * MIB, f"the manifest says so: {mib} MiB", "manifest: serving.max_payload_mib")
    return Decision(mib * MIB, f"{mib} MiB, as much as an invocation can carry", INVOKE_DOCS, ("stack.mode",))


def _timeout(manifest: Manifest) -> Decision[int]:
    seconds = manifest.serving.timeout_seconds
    if seconds != Serving.timeout_seconds:
        return chosen(seconds, "serving.timeout_seconds")
    longest = INVOCATION_MAX[manifest.endpoint.mode]
    reason = "as long as SageMaker waits for an answer in this mode"
    if longest > seconds:
        reason = f"a minute, where the manifest says nothing; this mode waits for up to {longest} s"
    return Decision(seconds, reason, INVOKE_DOCS, ("stack.mode",))


def _stream(manifest: Manifest) -> Decision[bool]:
    if manifest.serving.stream:
        return chosen(value=True, field="serving.stream")
    return Decision(value=False, reason="an answer is sent when it is complete", source=DEFAULT)


def _batch_size(manifest: Manifest, catalog: Catalog) -> Decision[int]:
    batching = manifest.serving.batching
    if isinstance(batching, Batching):
        return chosen(batching.max_size, "serving.batching")
    if batching == "off":
        return chosen(1, "serving.batching")
    return _measured(BATCH_SIZE, WHY_BATCHES, "batch_size", manifest, catalog)


def _batch_delay(manifest: Manifest) -> Decision[int]:
    batching = manifest.serving.batching
    if isinstance(batching, Batching) and batching.max_delay_ms:
        return chosen(batching.max_delay_ms, "serving.batching")
    return Decision(0, "only what waits already is joined, so a request that comes alone is as fast as ever", DEFAULT)


def _optimize(manifest: Manifest, catalog: Catalog, instance: Instance) -> Decision[str]:
    if manifest.serving.optimize == "off":
        return chosen("off", "serving.optimize")
    model = manifest.model
    if model.framework == "transformers" and model.task in WRITING:
        return Decision("off", f"{model.task} writes token by token, which is not compiled", DEFAULT, ("model.task",))
    if model.framework == "transformers" and sizing.gpu_at_work(catalog, model.framework, instance) is not None:
        return Decision(
            "off", "PyTorch itself computes on a GPU; what is compiled is for CPUs", DEFAULT, ("stack.instance_type",)
        )
    if manifest.serving.optimize != "auto":
        return chosen(manifest.serving.optimize, "serving.optimize")
    if model.framework in OPTIMIZED:
        rows = evidence.own_rows(catalog, "optimize", model.framework)
        return Decision("auto", OPTIMIZED[model.framework], evidence.SOURCE, ("image.framework", *rows))
    reason = "no faster equal of such a model is made; its own library serves it"
    return Decision("off", reason, DEFAULT, ("image.framework",))


def _inputs(manifest: Manifest, catalog: Catalog) -> Decision[tuple[Input, ...]]:
    model = manifest.model
    if model.inputs:
        return chosen(model.inputs, "model.inputs")
    sample, because = catalog.frameworks[model.framework].sample, ("image.framework", "model.artifact")
    if model.artifact is None and sample is not None:
        reason = f"columns of the sample model ({sample.dataset})"
        return Decision(_columns(sample.inputs), reason, "catalogue: frameworks.json", because)
    return Decision((), "the model's own feature names, where it has them", DEFAULT, because)


def _columns(pairs: tuple[tuple[str, str], ...]) -> tuple[Input, ...]:
    return tuple(Input(name=name, type=cast("InputType", kind)) for name, kind in pairs)
