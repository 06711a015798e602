"""Columns of categories, for tree libraries that were fitted on a data frame: they want each category's number.

The model's file lists the categories of such columns. So a request says "basic" as the data frame did, is checked
against the list, and no pandas is needed.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from serving.columns import Column, ColumnType, Value
from serving.rows import Rows

Categories: TypeAlias = Mapping[int, Sequence[Value]]  # by the column's position; a category's number is its place


def column(name: str, categories: Sequence[Value]) -> Column:
    """Describe a column that holds one of `categories`."""
    kinds = {type(value) for value in categories}
    kind = ColumnType.FLOAT
    if kinds == {str}:
        kind = ColumnType.STRING
    elif kinds == {bool}:
        kind = ColumnType.BOOLEAN
    elif kinds == {int}:
        kind = ColumnType.INTEGER
    return Column(name, kind, tuple(categories))


def encode(rows: Rows, categories: Categories, dtype: type[np.floating]) -> npt.NDArray[np.floating]:
    """Make an array of numbers: each category by its place in the list, a missing value or an unknown category NaN.

    Unknown ones come only where model.inputs in byocgen.yaml replaces the model's own list. Raises ValueError for text
    in any other column.
    """
    if not categories:
        return rows.astype(dtype, copy=False)
    numbers = rows.copy()
    for index, known in categories.items():
        places = {value: place for place, value in enumerate(known)}
        numbers[:, index] = [places.get(value, np.nan) for value in rows[:, index].tolist()]
    return numbers.astype(dtype)
