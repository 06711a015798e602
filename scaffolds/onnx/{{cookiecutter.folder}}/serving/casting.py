"""From the numbers and texts of a request to the exact type that a graph's input has, or a refusal: nothing is bent."""

from typing import Any

import numpy as np
import numpy.typing as npt

from serving import errors
from serving.graph import BOOLEAN, TEXT
from serving.inputs import Tensor

WHOLE = "iub"  # numpy's kinds of types that hold no fraction and no missing value


def cast(values: npt.NDArray[Any], tensor: Tensor) -> npt.NDArray[Any]:
    """Give the tensor's type.

    Raises ValueError for a missing value that it cannot hold, which the caller finds and names; RequestError for any
    other value that it cannot hold.
    """
    if values.dtype == tensor.dtype:
        return values
    if tensor.dtype == TEXT:
        return _texts(values, tensor)
    numbers: npt.NDArray[Any] = values.astype(np.float64) if values.dtype == object else values
    if np.dtype(tensor.dtype).kind in WHOLE and numbers.dtype.kind == "f":
        _check_whole(numbers, tensor)
    return numbers.astype(tensor.dtype)


def _texts(values: npt.NDArray[Any], tensor: Tensor) -> npt.NDArray[Any]:
    if values.dtype.kind == "U":
        return values
    for value in values.flat:
        if value != value:  # noqa: PLR0124 - NaN, the missing value
            raise ValueError(f"{tensor.name} takes no missing values")
        if not isinstance(value, str):
            raise _refusal(tensor, "text")
    return values


def _check_whole(numbers: npt.NDArray[Any], tensor: Tensor) -> None:
    if np.isnan(numbers).any():
        raise ValueError(f"{tensor.name} takes no missing values")
    lowest, highest = (0, 1) if tensor.dtype == BOOLEAN else _limits(tensor.dtype)
    if ((numbers != np.floor(numbers)) | (numbers < lowest) | (numbers > highest)).any():
        raise _refusal(tensor, f"a whole number from {lowest} to {highest}")


def _limits(dtype: str) -> tuple[int, int]:
    limits = np.iinfo(dtype)
    return limits.min, limits.max


def _refusal(tensor: Tensor, wanted: str) -> errors.RequestError:
    return errors.bad_value("instances", f"the model's input {tensor.name} takes {wanted} ({tensor.dtype}) in each row")
