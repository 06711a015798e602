"""Ask byocgen about a manifest in memory: what it says, and what it would make; and the model about its fields."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from byocgen import present, workflow
from byocgen.diagnostics import DOCS, Diagnostic
from byocgen.errors import ManifestError
from byocgen.manifest.compose import compose

if TYPE_CHECKING:
    from byocgen.workflow import Generated

HERE = Path(__file__).parent
"""Where the artifacts of the examples lie, in `models`, and no other."""


def findings(text: str | bytes, prices: bytes | None = None) -> tuple[Diagnostic, ...]:
    """Return everything that byocgen finds, warnings included; `prices` is the price file beside the manifest."""
    data = text.encode() if isinstance(text, str) else text
    try:
        return workflow.generate(data, "byocgen.yaml", HERE, prices).warnings
    except ManifestError as error:
        return error.diagnostics


def said(text: str | bytes, prices: bytes | None = None) -> str:
    """Return what a person sees, with DOCS for the page of the codes."""
    return present.diagnostics(findings(text, prices)).replace(DOCS, "DOCS")


def marked(text: str) -> list[tuple[str, str]]:
    """Return each finding as its code and the text that its carets mark."""
    return [(one.code, one.snippet[one.column - 1 :][: one.width]) for one in findings(text)]


def generated(text: str | bytes) -> Generated:
    """Return the project that follows from a manifest without errors; no artifact is looked for."""
    return workflow.generate(text.encode() if isinstance(text, str) else text, "byocgen.yaml")


def contents(text: str | bytes) -> dict[str, str]:
    """Return the generated files as texts."""
    return {path: file.content.decode() for path, file in generated(text).tree.items()}


def with_value(path: str, value: Any) -> str:
    """Write the minimal manifest with one field more, or another."""
    values: dict[str, Any] = {"version": 1, "name": "churn", "model": {"framework": "sklearn"}}
    target = values
    *blocks, last = path.split(".")
    for block in blocks:
        target = target.setdefault(block, {})
    target[last] = value
    return compose(values)


def forms(field: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the alternatives that a field's schema lists."""
    return [field, *field.get("anyOf", ()), *field.get("oneOf", ()), *field.get("allOf", ())]
