"""safetensors: eight bytes of length, a JSON header with each tensor's type and shape, then the tensors' bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from byocgen.inspect.damage import ENDS_EARLY, HEADER, ITEMS, LFS, NOT_FETCHED, Damaged
from byocgen.inspect.facts import Facts, Format
from byocgen.inspect.files import size_of
from byocgen.inspect.weights import by_type

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

_TYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "BOOL": "bool",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "F8_E8M0": "float8_e8m0fnu",
    "C64": "complex64",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U64": "uint64",
    "U32": "uint32",
    "U16": "uint16",
    "U8": "uint8",
    "F4": "float4_e2m1fn_x2",
    "F6_E2M3": "float6_e2m3fn",
    "F6_E3M2": "float6_e3m2fn",
}


@dataclass(frozen=True, slots=True)
class Header:
    """The tensors of a file, each with its type and how many numbers it holds, and what the writer noted."""

    tensors: tuple[tuple[str, int], ...]
    tensor_bytes: int
    notes: dict[str, Any]


def header(file: io.BufferedReader) -> Header:
    """Read the header. Raises Damaged."""
    size = size_of(file)
    begin = file.read(8)
    if LFS.startswith(begin):
        raise Damaged(NOT_FETCHED)
    length = int.from_bytes(begin, "little")
    if length > HEADER:
        raise Damaged(f"its header says that it is {length:,} bytes long")
    if 8 + length > size:
        raise Damaged(ENDS_EARLY)
    try:
        read = json.loads(file.read(length))
    except (ValueError, RecursionError) as error:
        raise Damaged("its header is no JSON") from error
    if not isinstance(read, dict):
        raise Damaged("its header is no JSON object")
    notes = read.pop("__metadata__", {})
    if len(read) > ITEMS:
        raise Damaged(f"it has more than {ITEMS:,} tensors")
    end = max((_end(one) for one in read.values()), default=0)
    if 8 + length + end > size:
        raise Damaged(ENDS_EARLY)
    return Header(tuple(_tensors(read)), end, notes if isinstance(notes, dict) else {})


def read(file: io.BufferedReader, path: str) -> Facts:
    """Read a file. Raises Damaged."""
    found = header(file)
    return Facts(
        path=path,
        format=Format.SAFETENSORS,
        file_bytes=size_of(file),
        framework="pytorch",
        parameters=by_type(found.tensors),
        memory_bytes=found.tensor_bytes,
        warnings=("weights without a module: build_model() of inference.py makes it",),
    )


def _end(tensor: Any) -> int:
    offsets = tensor.get("data_offsets") if isinstance(tensor, dict) else None
    if not isinstance(offsets, list) or len(offsets) != 2 or not all(type(one) is int and one >= 0 for one in offsets):
        raise Damaged("its header describes a tensor without its place")
    return int(offsets[1])


def _tensors(read: dict[str, Any]) -> Iterator[tuple[str, int]]:
    for one in read.values():
        shape, dtype = one.get("shape"), one.get("dtype")
        if (
            not isinstance(shape, list)
            or len(shape) > 32
            or not all(type(n) is int and 0 <= n < 1 << 48 for n in shape)
        ):
            raise Damaged("its header describes a tensor without a shape")
        yield _TYPES.get(str(dtype), str(dtype)[:32].lower()), prod(shape)
