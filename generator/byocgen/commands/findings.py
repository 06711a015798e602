"""The facts of a model file in words: a row a fact, and what a person should know or beware of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.plan.decision import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from byocgen.inspect.facts import Column, Facts, Network, Tensor

    Row = tuple[str, str]

_LISTED = 12
_COLUMNS = 40
_WIDEST = 40
"""Characters of a column's name that the types stand behind."""


def rows(facts: Facts) -> list[Row]:
    """Give each fact that is known as its name and its text."""
    said = [*_what(facts), *_who(facts), *_takes(facts), *_holds(facts)]
    return [(name, text) for name, text in said if text]


def _what(facts: Facts) -> Iterator[Row]:
    yield "format", f"{facts.format.value}, {size(facts.file_bytes)}"
    version = facts.framework_version
    known = f"{facts.framework or ''} {version.version}, by {version.how}" if version else facts.framework or ""
    yield "framework", known
    yield "python", _python(facts)
    for name, one in facts.packages.items():
        yield "beside", f"{name} {one.version}, by {one.how}"
    yield "producer", facts.producer or ""
    yield "opset", str(facts.opset) if facts.opset is not None else ""


def _python(facts: Facts) -> str:
    python = facts.python
    version = python.exact or (f"{python.least} or newer" if python.least else "")
    return f"{version}, by {python.how}" if version else ""


def _who(facts: Facts) -> Iterator[Row]:
    yield "model", facts.model or ""
    yield "steps", ", ".join(facts.steps)
    yield "kind", facts.kind.value if facts.kind else ""
    yield "objective", facts.objective or ""
    yield "classes", _few(facts.classes)
    if facts.network is not None:
        yield from _network(facts.network)


def _network(network: Network) -> Iterator[Row]:
    yield "task", network.task or ""
    yield "context", f"{network.context_length:,} tokens" if network.context_length else ""
    parts = [
        counted(network.layers, "layer") if network.layers else "",
        counted(network.attention_heads, "head") if network.attention_heads else "",
        f"{network.kv_heads} of keys and values" if network.kv_heads != network.attention_heads else "",
        f"head size {network.head_dim}" if network.head_dim else "",
        f"hidden size {network.hidden_size}" if network.hidden_size else "",
    ]
    yield "network", ", ".join(part for part in parts if part)
    yield "vocabulary", f"{network.vocabulary:,}" if network.vocabulary else ""
    yield "quantized", network.quantization or ""


def _takes(facts: Facts) -> Iterator[Row]:
    if facts.columns:
        yield "columns", str(len(facts.columns))
        shown = facts.columns[:_COLUMNS]
        width = min(_WIDEST, max(len(column.name) for column in shown))
        for column in shown:
            yield "", f"{column.name:<{width}}  {_type(column)}"
        if len(facts.columns) > _COLUMNS:
            yield "", f"and {len(facts.columns) - _COLUMNS} more (--json has all)"
    else:
        yield "columns", f"{facts.column_count}, without names" if facts.column_count else ""
        yield from (("input", _tensor(one)) for one in facts.inputs)
    yield from (("output", _tensor(one)) for one in facts.outputs)


def _type(column: Column) -> str:
    return (column.type or "type not said") + (f": {_few(column.values)}" if column.values else "")


def _tensor(tensor: Tensor) -> str:
    shape = "" if tensor.shape is None else f"[{', '.join('?' if n is None else str(n) for n in tensor.shape)}]"
    return f"{tensor.name}  {tensor.dtype or ''}{shape}".rstrip()


def _holds(facts: Facts) -> Iterator[Row]:
    for one in facts.parameters:
        yield "parameters", f"{one.count:,} of {one.dtype}, {size(one.bytes)}"
    yield "memory", size(facts.memory_bytes) if facts.memory_bytes is not None else ""
    yield "needs", ", ".join(facts.requires)


def notes(facts: Facts) -> Iterator[tuple[str, str]]:
    """Give what a person should know, each with its way out."""
    for warning in facts.warnings:
        yield warning, ""
    if facts.foreign:
        message = f"it holds code of no library that byocgen knows: {_few(facts.foreign)}"
        yield message, "loading the file runs it: the image must have it, so name its package in model.requirements"


def dangers(facts: Facts) -> Iterator[tuple[str, str]]:
    """Give what speaks against loading the file at all."""
    if facts.suspicious:
        message = f"loading it runs what no model needs: {_few(facts.suspicious)}"
        yield message, "do not load it; ask who made it for safetensors, ONNX, or the library's own format"


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_LISTED]) + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")


def size(count: int) -> str:
    """Write bytes as people do: `812 B`, `1.4 KiB`, `13.5 GiB`."""
    value, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if value < 1024:
            break
        value, unit = value / 1024, larger
    return f"{count} B" if unit == "B" else f"{value:.1f} {unit}"
