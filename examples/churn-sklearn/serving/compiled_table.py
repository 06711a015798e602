"""What a ColumnTransformer makes of rows, without scikit-learn and pandas: numbers are computed with, categories looked up.

A block is what one of its transformers gives, in their order. `columns` are places in a row of the request:

- numbers: the columns as float64 through `steps`, see `compiled.STEPS`
- one_hot: of each column as many columns as `widths` says, all 0 but the one where the value is found
- ordinal: of each column one number

`codes` holds for each column pairs of a value and its place or number; -1 as a place is nowhere, "missing" and "unknown"
what stands for other values, None where these are refused.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Work = Callable[[Values, Values], Values]


class Table:
    """Turns rows into the matrix that the rest of the model takes."""

    def __init__(self, blocks: list[dict[str, Any]], arrays: Mapping[str, npt.NDArray[Any]], steps: Any) -> None:
        """Prepare what each block looks up. `steps` are those that `numbers` may name."""
        self.width = 0
        self._blocks: list[tuple[slice, Callable[[npt.NDArray[Any], Values], None]]] = []
        for place, block in enumerate(blocks):
            width = sum(block["widths"])
            work = _numbers(place, block, arrays, steps) if block["kind"] == "numbers" else _codes(block)
            self._blocks.append((slice(self.width, self.width + width), work))
            self.width += width

    def __call__(self, rows: npt.NDArray[Any]) -> Values:
        """Make the matrix. Raises ValueError for a value that the model does not take."""
        made = np.zeros((len(rows), self.width))
        for part, fill in self._blocks:
            fill(rows, made[:, part])
        return made


def _numbers(
    place: int, block: dict[str, Any], arrays: Mapping[str, npt.NDArray[Any]], steps: Any
) -> Callable[[npt.NDArray[Any], Values], None]:
    columns = np.array(block["columns"], np.intp)
    works: list[tuple[Work, Values]] = [
        (steps[name], arrays[f"table_{place}_{number}"]) for number, name in enumerate(block["steps"])
    ]

    def fill(rows: npt.NDArray[Any], made: Values) -> None:
        values: Values = rows.take(columns, axis=1).astype(np.float64)
        if works and np.isinf(values).any():
            raise ValueError("a value is infinite")
        for work, given in works:
            values = work(values, given)
        made[:] = values

    return fill


def _codes(block: dict[str, Any]) -> Callable[[npt.NDArray[Any], Values], None]:
    first = np.cumsum([0, *block["widths"][:-1]]).tolist()
    known = [dict(map(tuple, found["values"])) for found in block["codes"]]
    columns = list(zip(block["columns"], first, known, block["codes"], strict=True))
    one_hot = block["kind"] == "one_hot"

    def fill(rows: npt.NDArray[Any], made: Values) -> None:
        for column, start, values, found in columns:
            for row, value in enumerate(rows[:, column].tolist()):
                code = values.get(value)
                if code is None:
                    code = found["missing" if value != value else "unknown"]  # noqa: PLR0124 - NaN
                    if code is None:
                        raise ValueError("a category is unknown")
                if not one_hot:
                    made[row, start] = code
                elif code >= 0:
                    made[row, start + code] = 1.0

    return fill
