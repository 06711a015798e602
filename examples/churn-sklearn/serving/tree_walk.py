"""Decision trees without scikit-learn: all rows walk down all trees at once, a level at a time.

A node is a number; nodes of all trees lie in one array, level by level, the right child of a node behind the left. A
leaf is its own left child and has no value above its threshold, so that walking on changes nothing. Thresholds and
inputs have the type that the trees were grown with, so every turn is the same.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

LANES = 1 << 15  # rows times trees at one time: what is walked with stays in the processor's cache
SETTLE_LANES, SETTLE_FROM, SETTLE_LEVELS = 2048, 7, 4  # beyond this, those at a leaf are looked for every few levels


@dataclass(frozen=True, slots=True)
class Trees:
    """`left` holds the left child of each node; `missing_right` is what NaN does there."""

    depth: int
    feature: npt.NDArray[np.intp]
    threshold: npt.NDArray[Any]
    left: npt.NDArray[np.intp]
    missing_right: npt.NDArray[np.bool_]
    value: npt.NDArray[np.float64]  # [nodes, outputs]
    roots: npt.NDArray[np.intp]

    def total(self, rows: npt.NDArray[Any], start: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Add the values of the leaves that rows reach to `start`, tree after tree: [rows, outputs]."""
        values = np.ascontiguousarray(rows, self.threshold.dtype)
        most = max(1, LANES // len(self.roots))
        parts = [self._part(values[first : first + most], start) for first in range(0, max(1, len(values)), most)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _part(self, rows: npt.NDArray[Any], start: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        leaves = self.value.take(self._leaves(rows), axis=0)  # [trees, rows, outputs]
        terms = np.concatenate([np.broadcast_to(start, leaves.shape[1:])[None], leaves])
        if terms[0].size == 1:  # numpy would add these in another order, and round otherwise
            last: npt.NDArray[np.float64] = np.add.accumulate(terms, axis=0)[-1]
            return last
        total: npt.NDArray[np.float64] = np.add.reduce(terms, axis=0)
        return total

    def _leaves(self, rows: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
        count, width = rows.shape
        flat, missing = rows.ravel(), bool(np.isnan(rows).any())
        node = np.repeat(self.roots, count)
        first = np.tile(np.arange(count, dtype=np.intp) * width, len(self.roots))
        leaves, lane = node, None  # `lane` says where in `leaves` those stand that still walk
        last = self.depth - 1
        for level in range(self.depth):
            value = flat.take(self.feature.take(node) + first)
            right = value > self.threshold.take(node)
            if missing:
                right |= np.isnan(value) & self.missing_right.take(node)
            node = self.left.take(node) + right
            if SETTLE_FROM <= level < last and not (level - SETTLE_FROM) % SETTLE_LEVELS and len(node) > SETTLE_LANES:
                leaves, lane, node, first = self._settled(leaves, lane, node, first)
        if lane is None:
            return node.reshape(len(self.roots), count)
        leaves[lane] = node
        return leaves.reshape(len(self.roots), count)

    def _settled(self, leaves: Any, lane: Any, node: Any, first: Any) -> tuple[Any, Any, Any, Any]:
        if lane is None:
            lane, leaves = np.arange(len(node)), node.copy()
        else:
            leaves[lane] = node
        walks = np.flatnonzero(self.left.take(node) != node)
        return leaves, lane.take(walks), node.take(walks), first.take(walks)
