"""JSON of nothing but numbers: from a body's bytes into an array, with no Python object for each.

simdjson does it in a third of the time that any decoder takes which makes lists first. Only the plain forms come this
way, {"instances": [...]}, {"inputs": [...]} and the bare list; whatever else there is in a body, `json_body` reads.
"""

import threading
from typing import Any

import numpy as np
import numpy.typing as npt
import simdjson

ROOTS = ("instances", "inputs")
# What simdjson raises for what is no JSON, not of the form, or nested too deeply.
OTHERWISE = (ValueError, TypeError, RuntimeError, MemoryError)

Found = tuple[str, npt.NDArray[np.float64]]


class _Own(threading.local):
    """A parser keeps its memory from one body to the next, and is for one thread."""

    def __init__(self) -> None:
        self.parser = simdjson.Parser()


_own = _Own()


def read(body: bytes, depth: int) -> Found | None:
    """Give the key that the instances stand under, and they: an array of `depth` dimensions. None: not that form."""
    try:
        document: Any = _own.parser.parse(body)
        root = ROOTS[0]
        if isinstance(document, simdjson.Object):
            (root,) = document.keys()  # beside another key, or the same again, this is not the plain form
            document = document[root] if root in ROOTS else None
        shape = _shape(document, depth)
        # A list more than these, as [1, [2]] has, would be taken for the numbers in it.
        if shape is None or body.count(b"[") != _lists(shape) or not _is_regular(document, shape):
            return None
        return root, np.frombuffer(document.as_buffer(of_type="d")).reshape(shape).copy()  # models may write to it
    except OTHERWISE:
        return None


def _shape(lists: Any, depth: int) -> tuple[int, ...] | None:
    """Give the lengths of the first list of each depth."""
    shape: list[int] = []
    for _ in range(depth):
        if not isinstance(lists, simdjson.Array) or not len(lists):
            return None
        shape.append(len(lists))
        lists = lists[0]
    return tuple(shape)


def _lists(shape: tuple[int, ...]) -> int:
    count = total = 1
    for length in shape[:-1]:
        count *= length
        total += count
    return total


def _is_regular(lists: Any, shape: tuple[int, ...]) -> bool:
    # What is no list has no length, or, as text and objects, is no number: all of it is refused.
    length, inner = shape[0], shape[1:]
    if len(inner) == 1:
        return len(lists) == length and all(len(one) == inner[0] for one in lists)
    return len(lists) == length and (not inner or all(_is_regular(one, inner) for one in lists))
