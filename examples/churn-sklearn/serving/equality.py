"""Whether predictions are the same: numbers within a tolerance, everything else exactly."""

from collections.abc import Mapping
from typing import Any

import numpy as np

# Sums of float32, and those of BLAS, depend on their order: what a batch adds up in other blocks is no other answer.
RELATIVE = 1e-4
ABSOLUTE = 1e-7


def same(one: Any, other: Any, relative: float = RELATIVE, absolute: float = ABSOLUTE) -> bool:
    """Compare predictions of the same instances, in whatever form a model gives them."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key], relative, absolute) for key in one)
    if isinstance(one, list) and isinstance(other, list) and any(isinstance(entry, Mapping | list) for entry in one):
        return len(one) == len(other) and all(same(*pair, relative, absolute) for pair in zip(one, other, strict=True))
    first, second = np.asarray(one), np.asarray(other)
    if first.shape != second.shape:
        return False
    if first.dtype.kind == "f" and second.dtype.kind == "f":
        return bool(np.allclose(first, second, relative, absolute, equal_nan=True))
    return bool(np.array_equal(first, second))
