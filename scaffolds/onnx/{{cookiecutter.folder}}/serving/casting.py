"""From the numbers and texts of a request to the exact type that a graph's input has, or a refusal: nothing is bent."""

from typing import Any

import numpy as np
import numpy.typing as npt

from serving import errors
from serving.graph import BOOLEAN, TEXT
from serving.inputs import Tensor
from serving.rows import cell_path, row_path

WHOLE = "iub"  # numpy's kinds of types that hold no fraction and no missing value


def cast(values: npt.NDArray[Any], tensor: Tensor, column: int = 0) -> npt.NDArray[Any]:
    """Give the tensor's type. `column` is where values of one dimension stand in a row of the request.

    Raises RequestError with the place of the first value that it cannot hold.
    """
    if values.dtype == tensor.dtype:
        return values
    if tensor.dtype == TEXT:
        return _texts(values, tensor, column)
    numbers: npt.NDArray[Any] = values.astype(np.float64) if values.dtype == object else values
    if np.dtype(tensor.dtype).kind in WHOLE and numbers.dtype.kind == "f":
        _check_whole(numbers, tensor, column)
    return numbers.astype(tensor.dtype)


def _texts(values: npt.NDArray[Any], tensor: Tensor, column: int) -> npt.NDArray[Any]:
    if values.dtype.kind == "U":
        return values
    for place, value in np.ndenumerate(values):
        if not isinstance(value, str):
            raise _refusal(values, place, column, tensor, "text")
    return values


def _check_whole(numbers: npt.NDArray[Any], tensor: Tensor, column: int) -> None:
    lowest, highest = (0, 1) if tensor.dtype == BOOLEAN else _limits(tensor.dtype)
    fits = (numbers == np.floor(numbers)) & (numbers >= lowest) & (numbers <= highest)  # NaN equals nothing
    if not fits.all():
        place = tuple(int(index) for index in np.argwhere(~fits)[0])
        raise _refusal(numbers, place, column, tensor, f"a whole number from {lowest} to {highest}")


def _limits(dtype: str) -> tuple[int, int]:
    limits = np.iinfo(dtype)
    return limits.min, limits.max


def _refusal(
    values: npt.NDArray[Any], place: tuple[int, ...], column: int, tensor: Tensor, wanted: str
) -> errors.RequestError:
    row, *rest = place
    path = cell_path(row_path(row), rest[0] if rest else column)
    missing = values[place] != values[place]  # NaN
    problem = "this value is missing: " if missing else ""
    return errors.bad_value(path, f"{problem}the model's input {tensor.name} takes {wanted} ({tensor.dtype})")
