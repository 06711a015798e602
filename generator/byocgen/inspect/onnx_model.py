"""ONNX, read off its Protocol Buffers (fields of onnx/onnx.proto): inputs, outputs, opset, producer, initializers."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from byocgen.inspect.damage import ITEMS, Damaged, Unknown
from byocgen.inspect.facts import Column, Facts, Format, Tensor
from byocgen.inspect.files import size_of
from byocgen.inspect.protobuf import Part
from byocgen.inspect.weights import by_type

if TYPE_CHECKING:
    import io
    from collections.abc import Callable

_TYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    8: "string",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
    14: "complex64",
    15: "complex128",
    16: "bfloat16",
    17: "float8_e4m3fn",
    18: "float8_e4m3fnuz",
    19: "float8_e5m2",
    20: "float8_e5m2fnuz",
    21: "uint4",
    22: "int4",
}
_DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "com.microsoft")
"""Those that ONNX Runtime has operators of."""


def read(file: io.BufferedReader, path: str, beside: Callable[[str], int | None]) -> Facts:
    """Read a model. `beside` gives the size of a file in the model's folder. Raises Damaged, Unknown."""
    size = size_of(file)
    words: dict[int, str] = {}
    graph: Part | None = None
    opsets: dict[str, int] = {}
    for number, value in Part(file, 0, size).fields():
        if number in (2, 3) and isinstance(value, Part):
            words[number] = value.text()
        elif number == 7 and isinstance(value, Part):
            graph = value
        elif number == 8 and isinstance(value, Part) and len(opsets) < 100:
            domain, version = _opset(value)
            opsets[domain] = version
    if graph is None or not opsets:
        raise Unknown("it is no ONNX model, nor anything else that byocgen knows")
    found = _Graph(graph)
    missing = sorted(name for name in found.external if beside(name) is None)
    outside = sum(beside(name) or 0 for name in found.external)
    others = sorted(domain for domain in opsets if domain not in _DOMAINS)
    warnings = [f"its weights lie in {name}, which is not beside it" for name in missing]
    warnings += [f"it has operators of {domain[:64]}, which ONNX Runtime lacks" for domain in others]
    return Facts(
        path=path,
        format=Format.ONNX,
        file_bytes=size + outside,
        framework="onnx",
        model="onnx.ModelProto",
        inputs=found.inputs,
        outputs=found.outputs,
        columns=_columns(found.inputs),
        column_count=_count(found.inputs),
        opset=opsets.get("", opsets.get("ai.onnx")),
        producer=" ".join(words[number] for number in (2, 3) if words.get(number)) or None,
        parameters=by_type(found.initializers),
        memory_bytes=size + outside,
        warnings=tuple(warnings),
    )


def _opset(part: Part) -> tuple[str, int]:
    domain, version = "", 0
    for number, value in part.fields():
        if number == 1 and isinstance(value, Part):
            domain = value.text()
        elif number == 2 and isinstance(value, int):
            version = value
    return domain, version


class _Graph:
    """The parts of a graph that are of interest."""

    def __init__(self, part: Part) -> None:
        self.initializers: list[tuple[str, int]] = []
        self.external: set[str] = set()
        names: set[str] = set()
        inputs: list[Tensor] = []
        outputs: list[Tensor] = []
        for number, value in part.fields():
            if not isinstance(value, Part):
                continue
            if number == 5:
                names.add(self._initializer(value))
            elif number in (11, 12):
                (inputs if number == 11 else outputs).append(_tensor(value))
            if len(names) + len(inputs) + len(outputs) > ITEMS:
                raise Damaged(f"it has more than {ITEMS:,} tensors")
        self.inputs = tuple(one for one in inputs if one.name not in names)
        self.outputs = tuple(outputs)

    def _initializer(self, part: Part) -> str:
        shape: list[int] = []
        dtype, name = 0, ""
        for number, value in part.fields():
            if number == 1:
                shape += [value] if isinstance(value, int) else list(value.packed())
            elif number == 2 and isinstance(value, int):
                dtype = value
            elif number == 8 and isinstance(value, Part):
                name = value.text()
            elif number == 13 and isinstance(value, Part):
                key, text = _entry(value)
                if key == "location" and len(self.external) < 1000:
                    self.external.add(text)
            if len(shape) > 64:
                raise Damaged("it has a tensor of more than 64 dimensions")
        self.initializers.append((_TYPES.get(dtype, f"type {dtype}"), prod(shape)))
        return name


def _entry(part: Part) -> tuple[str, str]:
    texts = {number: value.text() for number, value in part.fields() if isinstance(value, Part)}
    return texts.get(1, ""), texts.get(2, "")


def _inside(part: Part, *path: int) -> Part | None:
    """Follow fields into messages."""
    for step in path:
        found = [value for number, value in part.fields() if number == step and isinstance(value, Part)]
        if not found:
            return None
        part = found[-1]
    return part


def _tensor(part: Part) -> Tensor:
    name = dtype = None
    shape: tuple[int | str | None, ...] | None = None
    for number, value in part.fields():
        if number == 1 and isinstance(value, Part):
            name = value.text()
        elif number == 2 and isinstance(value, Part) and (kind := _inside(value, 1)) is not None:
            for inner, one in kind.fields():
                if inner == 1 and isinstance(one, int):
                    dtype = _TYPES.get(one, f"type {one}")
                elif inner == 2 and isinstance(one, Part):
                    shape = tuple(_length(each) for _, each in one.fields() if isinstance(each, Part))[:64]
    return Tensor(name or "", dtype, shape)


def _length(part: Part) -> int | str | None:
    length: int | str | None = None
    for number, value in part.fields():
        if number == 1 and isinstance(value, int):
            length = value
        elif number == 2 and isinstance(value, Part):
            length = value.text()
    return length


def _columns(inputs: tuple[Tensor, ...]) -> tuple[Column, ...]:
    """Name the columns of a model that has an input for each, one value a row, as skl2onnx writes a data frame."""
    if not inputs or not all(one.shape is not None and one.shape[1:] in ((), (1,)) for one in inputs):
        return ()
    if len(inputs) == 1:
        return ()
    return tuple(Column(one.name, _word(one.dtype or "")) for one in inputs)


def _word(dtype: str) -> str | None:
    words = {"string": "string", "bool": "boolean"}
    return words.get(dtype) or ("float" if "float" in dtype else "integer" if "int" in dtype else None)


def _count(inputs: tuple[Tensor, ...]) -> int | None:
    columns = _columns(inputs)
    if columns:
        return len(columns)
    shape = inputs[0].shape if len(inputs) == 1 else None
    last = shape[1] if shape is not None and len(shape) == 2 else None
    return last if isinstance(last, int) else None
