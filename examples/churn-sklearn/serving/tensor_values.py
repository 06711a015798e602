"""The values of one tensor: nested lists to an array of its type and shape, with the place of what does not fit."""

import contextlib
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from serving import cells, errors
from serving.inputs import Tensor
from serving.instances import REFUSALS

ELEMENTS: dict[str, tuple[Any, str]] = {
    "b": (bool, "true or false"),
    "i": (int, "an integer"),
    "u": (int, "an integer"),
    "f": (float, "a number"),
    "O": (str, "a string"),
    "U": (str, "a string"),
}


def read(nested: object, tensor: Tensor, shape: tuple[int | None, ...], path: str) -> npt.NDArray[Any]:
    """Make an array of nested lists. Raises RequestError with the path of the first bad value."""
    with contextlib.suppress(*REFUSALS):
        _check(nested, tensor, shape, path, [])
        return cast(nested, tensor)
    raise errors.bad_value(path, f"its values do not fit {tensor.dtype}")


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


def cast(nested: object, tensor: Tensor) -> npt.NDArray[Any]:
    """Make an array of nested lists of the right types. Raises ValueError, TypeError, OverflowError."""
    with np.errstate(over="raise"):  # a number too large for float32 would become infinity
        try:
            array = np.array(nested, dtype=tensor.dtype)
        except FloatingPointError as error:
            raise ValueError(str(error)) from None
    return array
