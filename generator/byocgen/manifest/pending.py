"""Fields that the manifest has and this release does not generate yet.

They answer with BYO401 at their line instead of being ignored in silence: a project that lacks what its manifest says
would be worse than none. When a feature lands, its row goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.diagnostics import Diagnostic, Key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.manifest.model import Manifest

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


def check(manifest: Manifest) -> list[Diagnostic]:
    """Find what would be left out of the project."""
    return [_finding(*asked) for asked in _asked_for(manifest)]


def _finding(key: Key, what: str, hint: str) -> Diagnostic:
    return Diagnostic("BYO401", f"{what} is not generated yet", key, hint)


def _asked_for(manifest: Manifest) -> Iterator[tuple[Key, str, str]]:
    model = manifest.model
    if model.framework == "transformers" and model.task is not None and model.task not in GENERATED_TASKS:
        meant = OTHER_NAMES.get(model.task)
        hint = f"write: task: {meant}" if meant else f"today: {', '.join(GENERATED_TASKS)}"
        yield ("model", "task"), f"task {model.task}", hint
