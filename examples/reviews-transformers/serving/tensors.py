"""Tensors as JSON has them: nested lists. An instance is one where the model has one tensor, else an object by name.

`inputs` may also hold whole batches by name, {"input_ids": [[...], ...], ...}, as TensorFlow Serving's column format.
"""

import contextlib
import math
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from serving import cells, errors
from serving.columns import guess
from serving.inputs import Tensor, Tensors
from serving.instances import REFUSALS, Namer, Way
from serving.rows import key_path

Batch: TypeAlias = dict[str, npt.NDArray[Any]]
ELEMENTS: dict[str, tuple[Any, str]] = {
    "b": (bool, "true or false"),
    "i": (int, "an integer"),
    "u": (int, "an integer"),
    "f": (float, "a number"),
    "O": (str, "a string"),
    "U": (str, "a string"),
}


class TensorReader:
    """Reads the instances of one model."""

    lone = (dict,)
    noun = "instance"

    def __init__(self, tensors: Tensors) -> None:
        """Prepare the fast way."""
        self._tensors = tensors.tensors
        self._names = tensors.names
        if len(self._tensors) == 1:
            self.ways: tuple[Way, ...] = (Way(_nested(self._tensors[0]), self._single),)
        else:
            record = msgspec.defstruct(
                "Instance",
                [(f"t{index}", _nested(tensor)) for index, tensor in enumerate(self._tensors)],
                rename={f"t{index}": name for index, name in enumerate(self._names)},
                forbid_unknown_fields=True,
            )
            self.ways = (Way(record, self._several),)

    def exact(self, instances: list[Any], name: Namer) -> Batch:
        """Read value by value. Raises RequestError with the path of the first bad value."""
        parts: dict[str, list[npt.NDArray[Any]]] = {tensor.name: [] for tensor in self._tensors}
        for index, value in enumerate(instances):
            for tensor, path, nested in self._parts(name(index), value):
                array = read(nested, tensor, tensor.shape, path)
                before = parts[tensor.name]
                if before and before[0].shape != array.shape:
                    problem = f"shape {shape_text(array.shape)}, where those before have {shape_text(before[0].shape)}"
                    raise errors.bad_value(path, f"{problem}; pad them to one shape, or send them apart")
                before.append(array)
        return {name: np.stack(arrays) for name, arrays in parts.items()}

    def columns(self, value: object) -> Batch | None:
        """Read whole batches by tensor name. None: not that form. Raises RequestError."""
        if not isinstance(value, dict) or not any(
            tensor.name in value and _depth(value[tensor.name]) == len(tensor.shape) + 1 for tensor in self._tensors
        ):
            return None
        batch = {
            tensor.name: read(nested, tensor, (None, *tensor.shape), path)
            for tensor, path, nested in self._by_name("inputs", value)
        }
        return check_batch(batch, "inputs")

    def settled(self, _data: Batch) -> "TensorReader":
        """Blocks are joined later, if at all."""
        return self

    def _single(self, values: list[Any]) -> Batch | None:
        return self._batch({self._names[0]: values})

    def _several(self, values: list[Any]) -> Batch | None:
        return self._batch(
            {name: [getattr(value, f"t{index}") for value in values] for index, name in enumerate(self._names)}
        )

    def _batch(self, columns: dict[str, list[Any]]) -> Batch | None:
        batch = {tensor.name: _cast(columns[tensor.name], tensor) for tensor in self._tensors}
        fits = all(fits_shape(batch[tensor.name].shape, (None, *tensor.shape)) for tensor in self._tensors)
        return batch if fits else None

    def _parts(self, path: str, value: object) -> list[tuple[Tensor, str, object]]:
        if isinstance(value, dict):
            return self._by_name(path, value)
        if len(self._tensors) > 1:
            wanted = ", ".join(map(cells.shown, self._names))
            raise errors.bad_value(path, f"expected an object with {wanted}, got {cells.shown(value)}")
        return [(self._tensors[0], path, value)]

    def _by_name(self, path: str, value: dict[str, object]) -> list[tuple[Tensor, str, object]]:
        for key in value:
            if key not in self._names:
                raise errors.bad_value(key_path(path, key), f"unknown tensor{guess(key, self._names)}")
        for name in self._names:
            if name not in value:
                raise errors.bad_value(key_path(path, name), "this tensor is missing")
        return [(tensor, key_path(path, tensor.name), value[tensor.name]) for tensor in self._tensors]


def read(nested: object, tensor: Tensor, shape: tuple[int | None, ...], path: str) -> npt.NDArray[Any]:
    """Make an array of nested lists. Raises RequestError with the path of the first bad value."""
    with contextlib.suppress(*REFUSALS):
        _check(nested, tensor, shape, path, [])
        return _cast(nested, tensor)
    raise errors.bad_value(path, f"its values do not fit {tensor.dtype}")


def check_batch(batch: Batch, path: str) -> Batch:
    """Refuse tensors that do not agree on the number of instances, or hold none. Raises RequestError."""
    counts = {name: len(array) for name, array in batch.items()}
    if len(set(counts.values())) > 1:
        said = ", ".join(f"{name} {number}" for name, number in counts.items())
        raise errors.bad_value(path, f"expected as many instances in each tensor, got {said}")
    if not all(counts.values()):
        raise errors.bad_value(path, "expected at least one instance, got none")
    return batch


def shape_text(shape: tuple[int | None, ...]) -> str:
    """Word a shape, with `any` for a length that is free."""
    return "[" + ", ".join("any" if length is None else str(length) for length in shape) + "]"


def fits_shape(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    """Tell whether an array's shape is the wanted one, in which None is any length but zero."""
    return len(shape) == len(wanted) and all(
        length == want if want is not None else length > 0 for length, want in zip(shape, wanted, strict=True)
    )


def _check(nested: Any, tensor: Tensor, shape: tuple[int | None, ...], path: str, lengths: list[int]) -> None:
    # `lengths` are those that the first list of each depth has set for the others.
    depth = len(lengths)
    if depth == len(shape):
        _check_value(nested, tensor, path)
        return
    if not isinstance(nested, list):
        raise errors.bad_value(path, f"expected a list, got {cells.shown(nested)}")
    wanted = shape[depth]
    if len(nested) != wanted and (wanted is not None or not nested):
        raise errors.bad_value(path, f"expected {wanted or 'some'} values, got {len(nested)}")
    for index, inner in enumerate(nested):
        if depth + 1 < len(shape) and isinstance(inner, list) and len(inner) != len(nested[0]):
            problem = f"expected {len(nested[0])} values like the list before, got {len(inner)}"
            raise errors.bad_value(f"{path}[{index}]", problem)
        _check(inner, tensor, shape, f"{path}[{index}]", [*lengths, len(nested)])


def _check_value(value: object, tensor: Tensor, path: str) -> None:
    dtype = np.dtype(tensor.dtype)
    kind, expected = ELEMENTS[dtype.kind]
    right = isinstance(value, bool) if kind is bool else isinstance(value, kind) and not isinstance(value, bool)
    right = right or (kind is float and isinstance(value, int) and not isinstance(value, bool))
    if kind is int and isinstance(value, float) and value.is_integer():
        right = True
    if not right or (isinstance(value, str) and not cells.is_text(value)):
        raise errors.bad_value(path, f"expected {expected}, got {cells.shown(value)}")
    if kind is int and isinstance(value, int | float) and not np.iinfo(dtype).min <= value <= np.iinfo(dtype).max:
        raise errors.bad_value(path, f"expected {expected} that fits {tensor.dtype}, got {cells.shown(value)}")
    if kind is float and isinstance(value, int | float) and not abs(value) <= float(np.finfo(dtype).max):
        shown = "NaN" if isinstance(value, float) and math.isnan(value) else cells.shown(value)
        raise errors.bad_value(path, f"expected a finite number that fits {tensor.dtype}, got {shown}")


def _cast(nested: object, tensor: Tensor) -> npt.NDArray[Any]:
    with np.errstate(over="raise"):  # a number too large for float32 would become infinity
        try:
            array = np.array(nested, dtype=tensor.dtype)
        except FloatingPointError as error:
            raise ValueError(str(error)) from None
    return array


def _depth(nested: object) -> int:
    depth = 0
    while isinstance(nested, list):
        depth += 1
        nested = nested[0] if nested else None
    return depth


def _nested(tensor: Tensor) -> Any:
    kind: Any = ELEMENTS[np.dtype(tensor.dtype).kind][0]
    for _ in tensor.shape:
        kind = list[kind]
    return kind
