"""Rows: from plain Python values to the array that the model gets, and where in a request a value stands."""

import json
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from serving.columns import Column, Schema

Rows: TypeAlias = npt.NDArray[Any]  # two dimensions; float64, or object where a column is text

HUGE = 1e150  # models square and add up: beyond this, numbers become infinite inside them


def to_array(rows: Sequence[Sequence[object]], schema: Schema) -> Rows:
    """Make the array; None (a missing value) becomes NaN. Raises TypeError or ValueError for ragged rows."""
    if not schema.has_text and not (schema.untyped and _are_objects(rows)):
        return numbers(rows)
    return objects(rows)


def objects(rows: Sequence[Sequence[object]]) -> Rows:
    """Make the array of rows that hold text or booleans too."""
    array = np.array(rows, dtype=object)
    array[array == None] = np.nan  # noqa: E711 - value by value, which `is` does not do
    return array


def numbers(rows: Sequence[Sequence[object]]) -> Rows:
    """Make the array of rows that hold nothing but numbers and None."""
    return np.array(rows, dtype=np.float64)


def is_table(array: Rows, schema: Schema) -> bool:
    """Tell whether the array has rows and as many columns as the schema knows of."""
    return array.ndim == 2 and array.size > 0 and array.shape[1] == (schema.width or array.shape[1])


def first_missing(array: Rows) -> tuple[int, int] | None:
    """Find the first NaN, the one value that is not equal to itself: its row and column."""
    places = np.argwhere(array != array)  # noqa: PLR0124
    return (int(places[0][0]), int(places[0][1])) if len(places) else None


def first_huge(array: Rows) -> tuple[int, int] | None:
    """Find the first number whose square is more than a float64 holds: its row and column. None among objects."""
    if array.dtype == object:
        return None
    places = np.argwhere(np.abs(array) > HUGE)
    return (int(places[0][0]), int(places[0][1])) if len(places) else None


def _are_objects(rows: Sequence[Sequence[object]]) -> bool:
    return any(isinstance(value, str | bool) for row in rows for value in row)


def row_path(row: int) -> str:
    """Name a row of the request."""
    return f"instances[{row}]"


def key_path(row: str, name: str) -> str:
    """Name a value of a row that is an object; `row` is the row's own path."""
    return row + (f".{name}" if name.isidentifier() else f"[{json.dumps(name)}]")


def cell_path(row: str, index: int) -> str:
    """Name a value of a row that is a list."""
    return f"{row}[{index}]"


def cell_label(row: str, index: int, column: Column | None) -> str:
    """Name a value of a row that is a list, with its column."""
    return cell_path(row, index) + (f" ({column.name})" if column else "")
