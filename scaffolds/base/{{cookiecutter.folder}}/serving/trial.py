"""Whether a faster way to call a loaded model is used: only where it answers rows of a trial exactly as the model itself.

The rows hold whole numbers, which are categories too, fractions unless a column holds categories, and missing values.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from serving.equality import same

COUNTS = (1, 2, 16, 17, 200)  # rows at one time, of the few and of the many


def differs(faster: Callable[[Any], Any], itself: Callable[[Any], Any], width: int, dtype: Any, *, whole: bool) -> str:
    """Say where the answers differ, "" where they never do. Raises whatever the model raises."""
    for count, rows in zip(COUNTS, _rows(width, dtype, whole=whole), strict=True):
        one, other = np.asarray(faster(rows)), np.asarray(itself(rows))
        if one.dtype != other.dtype or not same(one, other, 0.0, 0.0):
            return f"its answers to a trial of {count} rows are not those of the model itself"
    return ""


def _rows(width: int, dtype: Any, *, whole: bool) -> list[Any]:
    random = np.random.default_rng(0)
    made = []
    for count in COUNTS:
        rows = np.abs(random.normal(size=(count, width))) * 10 ** random.uniform(-1, 3, (count, 1))
        rows[:: 1 if whole else 2] //= 1
        rows[random.random(rows.shape) < 0.05] = np.nan
        made.append(rows.astype(dtype))
    return made
