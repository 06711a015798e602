"""Decision trees without scikit-learn: all rows walk down all trees at once, a level at a time.

A node is a number; nodes of all trees lie in one array, level by level, the right child of a node behind the left. A
leaf is its own left child and has no value above its threshold, so that walking on changes nothing. Thresholds and
inputs have the type that the trees were grown with, so every turn is the same.

What is computed on the way is written to memory that a thread keeps: to ask the system for it at each level, and to give
it back, took longer than the walk itself.
"""

import math
import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

LANES = 1 << 15  # rows times trees at one time: what is walked with stays in the processor's cache
SETTLE_LANES, SETTLE_FROM, SETTLE_LEVELS = 2048, 7, 4  # beyond this, those at a leaf are left behind every few levels

Nodes = npt.NDArray[np.intp]


class Scratch(threading.local):
    """Memory of one thread, by name; it grows to what the largest part of a request takes."""

    def __init__(self) -> None:
        """Begin with none, in each thread."""
        self._kept: dict[str, npt.NDArray[Any]] = {}

    def give(self, name: str, shape: tuple[int, ...], kind: npt.DTypeLike) -> npt.NDArray[Any]:
        """Give an array that holds anything, until the same name is asked for again."""
        size = math.prod(shape)
        kept = self._kept.get(name)
        if kept is None or len(kept) < size:
            kept = self._kept[name] = np.empty(size, kind)
        return kept[:size].reshape(shape)


@dataclass(frozen=True, slots=True)
class Trees:
    """`left` holds the left child of each node; `missing_right` is what NaN does there."""

    depth: int
    feature: Nodes
    threshold: npt.NDArray[Any]
    left: Nodes
    missing_right: npt.NDArray[np.bool_]
    value: npt.NDArray[np.float64]  # [nodes, outputs]
    roots: Nodes
    scratch: Scratch = field(default_factory=Scratch)

    def total(self, rows: npt.NDArray[Any], start: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Add the values of the leaves that rows reach to `start`, tree after tree: [rows, outputs]."""
        values = np.ascontiguousarray(rows, self.threshold.dtype)
        most = max(1, LANES // len(self.roots))
        parts = [self._part(values[first : first + most], start) for first in range(0, max(1, len(values)), most)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _part(self, rows: npt.NDArray[Any], start: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        terms = self.scratch.give("terms", (1 + len(self.roots), len(rows), self.value.shape[1]), np.float64)
        terms[0] = start
        self.value.take(self._leaves(rows), axis=0, out=terms[1:], mode="clip")
        if terms[0].size == 1:  # numpy would add these in another order, and round otherwise
            last: npt.NDArray[np.float64] = np.add.accumulate(terms, axis=0)[-1]
            return last
        total: npt.NDArray[np.float64] = np.add.reduce(terms, axis=0)
        return total

    def _leaves(self, rows: npt.NDArray[Any]) -> Nodes:
        """Walk: [trees, rows]."""
        count, width = rows.shape
        shape = (len(self.roots), count)
        give, lanes, kind = self.scratch.give, len(self.roots) * count, self.threshold.dtype
        node, first = give("node", shape, np.intp), give("first", shape, np.intp)
        node[:], first[:] = self.roots[:, None], np.arange(0, count * width, width)
        node, first = node.ravel(), first.ravel()  # where each lane is, and where its row begins
        child, place = give("child", (lanes,), np.intp), give("place", (lanes,), np.intp)
        value, threshold = give("value", (lanes,), kind), give("threshold", (lanes,), kind)
        right = give("right", (lanes,), np.bool_)
        flat, missing = rows.ravel(), bool(np.isnan(rows).any())
        leaves, lane = node, None  # `lane` says where in `leaves` those stand that still walk
        for level in range(self.depth):
            np.add(self.feature.take(node, out=place, mode="clip"), first, out=place)
            flat.take(place, out=value, mode="clip")
            np.greater(value, self.threshold.take(node, out=threshold, mode="clip"), out=right)
            if missing:
                right |= np.isnan(value) & self.missing_right.take(node)
            np.add(self.left.take(node, out=child, mode="clip"), right, out=child)
            if len(node) > SETTLE_LANES and level >= SETTLE_FROM and not (level - SETTLE_FROM) % SETTLE_LEVELS:
                walks = np.flatnonzero(child != node)
                if lane is None:
                    leaves, lane, child = child, walks, node
                else:
                    leaves[lane], lane = child, lane.take(walks)
                node, first = leaves.take(lane), first.take(walks)
                child, place, value, threshold, right = (
                    one[: len(walks)] for one in (child, place, value, threshold, right)
                )
            else:
                node, child = child, node
        if lane is not None:
            leaves[lane] = node
        return (node if lane is None else leaves).reshape(shape)
