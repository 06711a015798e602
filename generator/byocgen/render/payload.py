"""`payload.json`, the request that a project's `make invoke` and `make smoke` send: made of what is known of the input.

Rules: a row of a table has the manifest's inputs or the sample's rows; a text has the fields of the model's task. Where
nothing is known there is no payload, and the project says that it is the user's to write.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from byocgen.catalog import Catalog
    from byocgen.manifest.model import Input, Manifest
    from byocgen.plan.plan import Plan
    from byocgen.render.encode import Value

_EXAMPLES: dict[str, Value] = {"float": 0.0, "integer": 0, "string": "text", "boolean": False}
_SENTENCES = ["The soup was great and the waiter kind.", "The soup was cold and the waiter rude."]
_REQUESTS: dict[str, dict[str, Any]] = {
    "text-classification": {"inputs": _SENTENCES},
    "token-classification": {"inputs": ["Ada Lovelace was born in London."]},
    "feature-extraction": {"inputs": _SENTENCES},
    "fill-mask": {"inputs": ["The soup was [MASK]."]},
    "text-generation": {"inputs": "The soup was", "parameters": {"max_new_tokens": 20}},
    "question-answering": {
        "inputs": {"question": "Where was Ada Lovelace born?", "context": "Ada Lovelace was born in London in 1815."}
    },
    "text2text-generation": {"inputs": ["question: Where was Ada Lovelace born? context: She was born in London."]},
    "summarization": {"inputs": [" ".join(_SENTENCES)]},
    "translation": {"inputs": _SENTENCES},
}
"""One request for each task of transformers, as Hugging Face's own containers take it."""


def payload(manifest: Manifest, plan: Plan, catalog: Catalog) -> str | None:
    """Return an example request as JSON; None where nothing is known about the model's input."""
    if manifest.model.framework == "transformers":
        request = _REQUESTS.get(plan.model.task.value)
        return None if request is None else json.dumps(request, indent=2, ensure_ascii=False) + "\n"
    rows = _rows(manifest, plan, catalog)
    lines = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in rows)
    return f'{{\n  "instances": [\n{lines}\n  ]\n}}\n' if rows else None


def _rows(manifest: Manifest, plan: Plan, catalog: Catalog) -> list[Any]:
    sample = catalog.frameworks[manifest.model.framework].sample
    if manifest.model.inputs:
        return [{column.name: _example(column) for column in manifest.model.inputs}]
    if plan.model.artifact.value or sample is None:
        return []
    return [list(row) for row in sample.rows]


def _example(column: Input) -> Value:
    return column.values[0] if column.values else _EXAMPLES[column.type]
