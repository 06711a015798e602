"""Tensors as JSON has them: nested lists. An instance is one where the model has one tensor, else an object by name.

`inputs` may also hold whole batches by name, {"input_ids": [[...], ...], ...}, as TensorFlow Serving's column format.
"""

from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from serving import cells, errors
from serving.columns import guess
from serving.inputs import Tensor, Tensors
from serving.instances import Namer, Numbers, Way
from serving.rows import key_path
from serving.tensor_values import ELEMENTS, cast, fits_shape, read, shape_text

Batch: TypeAlias = dict[str, npt.NDArray[Any]]


class TensorReader:
    """Reads the instances of one model."""

    lone = (dict,)
    noun = "instance"

    def __init__(self, tensors: Tensors) -> None:
        """Prepare the fast way."""
        self._tensors = tensors.tensors
        self._names = tensors.names
        self.numbers: Numbers | None = None
        if len(self._tensors) == 1:
            only = self._tensors[0]
            self.ways: tuple[Way, ...] = (Way(_nested(only), self._single),)
            if np.dtype(only.dtype).kind == "f":
                self.numbers = Numbers(1 + len(only.shape), self._single)
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

    def _single(self, values: Any) -> Batch | None:
        return self._batch({self._names[0]: values})

    def _several(self, values: list[Any]) -> Batch | None:
        return self._batch(
            {name: [getattr(value, f"t{index}") for value in values] for index, name in enumerate(self._names)}
        )

    def _batch(self, columns: dict[str, Any]) -> Batch | None:
        batch = {tensor.name: cast(columns[tensor.name], tensor) for tensor in self._tensors}
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


def check_batch(batch: Batch, path: str) -> Batch:
    """Refuse tensors that do not agree on the number of instances, or hold none. Raises RequestError."""
    counts = {name: len(array) for name, array in batch.items()}
    if len(set(counts.values())) > 1:
        said = ", ".join(f"{name} {number}" for name, number in counts.items())
        raise errors.bad_value(path, f"expected as many instances in each tensor, got {said}")
    if not all(counts.values()):
        raise errors.bad_value(path, "expected at least one instance, got none")
    return batch


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
