"""Instances: what the readers of the three kinds of inputs have in common, whatever the format they come in.

A reader offers fast ways, which simdjson's and msgspec's C code takes, and an exact one that looks at each value and
words the error. What the fast ways accept, the exact one reads alike. Decoded data is an array, a list, or a dict of
arrays, with an entry an instance (see `inputs`), so that it can be counted, cut and joined without knowing which.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from serving import errors

Namer: TypeAlias = Callable[[int], str]  # gives an instance's path
# What a fast way may raise for an instance that it does not take.
REFUSALS = (msgspec.MsgspecError, ValueError, TypeError, KeyError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class Way:
    """A fast way: the type of one instance for msgspec, and what makes data of a list of them; None: not this way."""

    instance: Any
    convert: Callable[[list[Any]], Any]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The fastest way, for instances of nothing but numbers: what makes data of an array of `depth` dimensions."""

    depth: int
    convert: Callable[[npt.NDArray[np.float64]], Any]


class Reader(Protocol):
    """Reads JSON instances of one kind of inputs."""

    @property
    def numbers(self) -> Numbers | None:
        """The way of instances that may be nothing but numbers, None where they are something else."""

    @property
    def ways(self) -> tuple[Way, ...]:
        """The fast ways, in the order in which to try them."""

    @property
    def lone(self) -> tuple[type, ...]:
        """Python's types of a single instance that may stand under "inputs" in place of a list."""

    @property
    def noun(self) -> str:
        """What messages call an instance."""

    def exact(self, instances: list[Any], name: Namer) -> Any:
        """Read decoded JSON value by value. Raises RequestError."""

    def columns(self, value: object) -> Any:
        """Read `inputs` that hold a batch in another form than a list; None where this is none. Raises RequestError."""

    def settled(self, data: Any) -> "Reader":
        """Give the reader for what follows `data` in the same request: it must fit what came before."""


def count(data: Any) -> int:
    """Count the instances."""
    is_mapping = not isinstance(data, np.ndarray | list) and isinstance(data, Mapping)  # the last takes longest
    return len(next(iter(data.values()), ())) if is_mapping else len(data)


def cut(data: Any, start: int, stop: int) -> Any:
    """Take some of the instances."""
    if isinstance(data, Mapping):
        return {name: array[start:stop] for name, array in data.items()}
    return data[start:stop]


def joined(blocks: Sequence[Any]) -> Any:
    """Put blocks together. Raises RequestError where their tensors have different shapes."""
    if len(blocks) == 1:
        return blocks[0]
    try:
        if isinstance(blocks[0], Mapping):
            return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
        if isinstance(blocks[0], np.ndarray):
            return np.concatenate(blocks)
    except ValueError:
        raise errors.bad_body("the instances have different shapes: make them of one length, by padding") from None
    return [instance for block in blocks for instance in block]
