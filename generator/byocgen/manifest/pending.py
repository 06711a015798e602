"""Fields that the manifest has and this release does not generate yet.

They answer with BYO401 at their line instead of being ignored in silence: a project that lacks what its manifest says
would be worse than none. When a feature lands, its row goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.diagnostics import Diagnostic, Key
from byocgen.manifest.model import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.manifest.model import Endpoint, Manifest

GENERATED_TASKS = (
    "text-classification",
    "token-classification",
    "feature-extraction",
    "fill-mask",
    "text-generation",
    "question-answering",
    "text2text-generation",
    "summarization",
    "translation",
)
"""Tasks of transformers that the server knows the inputs and the answers of."""
OTHER_NAMES = {
    "sentiment-analysis": "text-classification",
    "ner": "token-classification",
    "embeddings": "feature-extraction",
}
BLOCKS: dict[Key, tuple[str, str]] = {
    ("endpoint", "data_capture"): ("`data_capture`", "delete the block"),
}
"""Blocks of which nothing is generated: what each is, and the way out. They answer even where their fields are wrong."""


def check(manifest: Manifest) -> list[Diagnostic]:
    """Find what would be left out of the project."""
    return [_finding(*asked) for asked in _asked_for(manifest)]


def around(key: Key) -> Diagnostic | None:
    """Return the finding of the block that a field lies in, if that block is not generated."""
    block = next((block for block in BLOCKS if len(key) > len(block) and key[: len(block)] == block), None)
    return _finding(*_block(block)) if block else None


def _finding(key: Key, what: str, hint: str) -> Diagnostic:
    return Diagnostic("BYO401", f"{what} is not generated yet", key, hint)


def _block(key: Key) -> tuple[Key, str, str]:
    return key, *BLOCKS[key]


def _asked_for(manifest: Manifest) -> Iterator[tuple[Key, str, str]]:
    model, serving, endpoint = manifest.model, manifest.serving, manifest.endpoint
    if model.framework == "transformers" and model.task is not None and model.task not in GENERATED_TASKS:
        meant = OTHER_NAMES.get(model.task)
        hint = f"write: task: {meant}" if meant else f"today: {', '.join(GENERATED_TASKS)}"
        yield ("model", "task"), f"task {model.task}", hint
    if serving.optimize == "onnx":
        yield ("serving", "optimize"), "a compiled model", "write: optimize: auto"
    yield from _endpoint(endpoint)
    yield from _platform(manifest)


def _endpoint(endpoint: Endpoint) -> Iterator[tuple[Key, str, str]]:
    if endpoint.data_capture is not None:
        yield _block(("endpoint", "data_capture"))
    if endpoint.deployment is not None and endpoint.deployment.strategy != "all-at-once":
        yield ("endpoint", "deployment", "strategy"), f"a {endpoint.deployment.strategy} rollout", "today: all-at-once"
    rollout = endpoint.deployment
    if rollout is not None and not rollout.rollback:
        yield ("endpoint", "deployment", "rollback"), "an endpoint without rollback", "write: rollback: true"
    if rollout is not None and rollout.strategy == "all-at-once" and rollout.wait_seconds != Deployment.wait_seconds:
        yield ("endpoint", "deployment", "wait_seconds"), "a watch time of your own", "delete the line"


def _platform(manifest: Manifest) -> Iterator[tuple[Key, str, str]]:
    if manifest.observability.alarms:
        yield (
            ("observability", "alarms"),
            "an alarm that notifies people",
            "rollback alarms are always made; write: alarms: false",
        )
    if manifest.observability.alarm_email is not None:
        yield ("observability", "alarm_email"), "an alarm that notifies people", "delete the line"
    if manifest.observability.dashboard:
        yield ("observability", "dashboard"), "a dashboard", "write: dashboard: false"
    if manifest.cost.monthly_budget_usd is not None:
        yield ("cost", "monthly_budget_usd"), "a budget", "delete the line"
