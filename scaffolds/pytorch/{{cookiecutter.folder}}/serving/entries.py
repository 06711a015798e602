"""What a model returned for a batch, as one entry a row: of a tensor its row, of a dict an object, of a tuple a list."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import torch

from serving import errors


def of(output: Any) -> Any:
    """Give the entries, an array or a list. Raises RequestError for what has none."""
    if isinstance(output, torch.Tensor):
        if output.ndim == 0:
            raise errors.unusable("the model", "returned a number for the whole batch, not one for each row")
        # numpy has no type for bfloat16 and the 8-bit floats.
        output = output.float() if output.is_floating_point() and output.itemsize <= 2 else output
        return output.detach().cpu().numpy()
    if is_dataclass(output) and not isinstance(output, Mapping | type):
        output = {field.name: getattr(output, field.name) for field in fields(output)}
    if isinstance(output, Mapping):
        parts = {str(name): _plain(value) for name, value in output.items() if value is not None}
        return [dict(zip(parts, row, strict=True)) for row in _rows(parts.values())]
    if isinstance(output, tuple | list):
        return [list(row) for row in _rows([_plain(value) for value in output])]
    raise errors.unusable("the model", f"returned a {type(output).__name__}, not tensors")


def _plain(value: Any) -> Any:
    found = of(value)
    return found.tolist() if isinstance(found, np.ndarray) else found


def _rows(parts: Any) -> Iterator[tuple[Any, ...]]:
    try:
        return iter(list(zip(*parts, strict=True)))
    except ValueError:
        problem = "returned tensors of different lengths: the first dimension of each must be the batch"
        raise errors.unusable("the model", problem) from None
