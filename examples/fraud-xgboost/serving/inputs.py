"""What a request holds, as a framework's `inputs(model)` says it: rows of a table, texts, or tensors; and its parameters.

- `Schema` (in `columns`): a table. Decoded: an array with a row an instance.
- `Texts`: an instance is a few named texts. Decoded: a list with a dict an instance.
- `Tensors`: an instance is a few named arrays. Decoded: a dict of arrays whose first dimension is the batch.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from serving.columns import ColumnType, Schema, Value

UNKNOWN_LENGTH = 1  # what an example has where a tensor's dimension may be anything
EXAMPLE_TEXT = "an example"


@dataclass(frozen=True, slots=True)
class Texts:
    """Named texts; those in `optional` may be missing. `samples` are example values, one a field."""

    fields: tuple[str, ...] = ("text",)
    optional: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()

    @property
    def needed(self) -> tuple[str, ...]:
        """The fields that must be there. Where it is one, a bare string stands for it."""
        return tuple(field for field in self.fields if field not in self.optional)

    def example(self) -> dict[str, str]:
        """Give an instance that the model accepts."""
        samples = self.samples + (EXAMPLE_TEXT,) * len(self.fields)
        return dict(zip(self.fields, samples, strict=False))


@dataclass(frozen=True, slots=True)
class Tensor:
    """One array of an instance: numpy's name of its type, and its shape without the batch; None is any length."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]

    def example(self) -> Any:
        """Give zeros of the shape, as nested lists."""
        shape = [UNKNOWN_LENGTH if length is None else length for length in self.shape]
        kind = np.dtype(self.dtype)
        return np.full(shape, "" if kind.kind in "OU" else 0, kind).tolist()


@dataclass(frozen=True, slots=True)
class Tensors:
    """Named arrays, all with the same first dimension."""

    tensors: tuple[Tensor, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The tensors' names."""
        return tuple(tensor.name for tensor in self.tensors)

    def example(self) -> dict[str, Any]:
        """Give an instance of the right shapes; what the values mean, only the model knows."""
        return {tensor.name: tensor.example() for tensor in self.tensors}


Inputs: TypeAlias = Schema | Texts | Tensors


@dataclass(frozen=True, slots=True)
class Parameter:
    """One key that `parameters` of a request may have; `values` are the allowed ones, empty when any will do."""

    name: str
    type: ColumnType
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[Value, ...] = ()
    description: str = ""
    default: Value | None = None
