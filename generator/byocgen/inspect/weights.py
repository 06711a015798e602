"""Weights by type: how many numbers, how many bytes. Each format has its own names for the types; numpy's are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.inspect.facts import Parameters

if TYPE_CHECKING:
    from collections.abc import Iterable

BITS = {
    "float64": 64,
    "float32": 32,
    "float16": 16,
    "bfloat16": 16,
    "float8_e4m3fn": 8,
    "float8_e5m2": 8,
    "float8_e4m3fnuz": 8,
    "float8_e5m2fnuz": 8,
    "float8_e8m0fnu": 8,
    "float4_e2m1fn_x2": 4,
    "int64": 64,
    "int32": 32,
    "int16": 16,
    "int8": 8,
    "uint64": 64,
    "uint32": 32,
    "uint16": 16,
    "uint8": 8,
    "bool": 8,
    "complex64": 64,
    "complex128": 128,
    "complex32": 32,
    "int4": 4,
    "uint4": 4,
    "float6_e2m3fn": 6,
    "float6_e3m2fn": 6,
    "int2": 2,
    "uint2": 2,
}


def by_type(tensors: Iterable[tuple[str, int]]) -> tuple[Parameters, ...]:
    """Add up pairs of a type and a count of numbers; most bytes first."""
    counts: dict[str, int] = {}
    for dtype, count in tensors:
        counts[dtype] = counts.get(dtype, 0) + count
    found = [Parameters(dtype, count, (count * BITS.get(dtype, 0) + 7) // 8) for dtype, count in counts.items()]
    return tuple(sorted(found, key=lambda one: (-one.bytes, one.dtype)))
