"""How long the model and its equal take, measured when it is packed, and up to how many rows the equal answers.

On one thread, as the server lets a worker have. Where scikit-learn is clearly faster with many rows, as it may be with
many deep trees, the server keeps both. Only a clear difference counts: noise must not make another file of the same model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from threadpoolctl import threadpool_limits

COUNTS = (1, 10, 100, 1000)
CLEARLY = 1.5
TRIES, TRIES_SECONDS = 20, 0.1
SPELL = 3  # calls at a time: the first finds the processor's cache full of the other way


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds for so many rows."""

    count: int
    itself: float
    equal: float


def measure(itself: Callable[[Any], Any], equal: Callable[[Any], Any], rows: Any) -> list[Times]:
    """Time both: the best of some tries, in turn."""
    with threadpool_limits(1):
        return [Times(count, *_best((itself, equal), rows[:count])) for count in COUNTS]


def most_rows(times: Sequence[Times]) -> int | None:
    """Give up to how many rows the equal answers: None is any number, 0 that it is no faster at all."""
    fits = 0
    for one in times:
        if one.equal > one.itself * CLEARLY:
            return fits
        fits = one.count
    return None


def told(times: Sequence[Times]) -> str:
    """Word it for the one who packs the model."""
    found = (f"{one.count} in {_short(one.equal)} instead of {_short(one.itself)}" for one in times)
    return f"rows in time: {', '.join(found)}"


def _best(ways: Sequence[Callable[[Any], Any]], rows: Any) -> list[float]:
    best, began = [float("inf")] * len(ways), perf_counter()
    for _ in range(TRIES):
        for place, way in enumerate(ways):
            for _ in range(SPELL):
                before = perf_counter()
                way(rows)
                best[place] = min(best[place], perf_counter() - before)
        if perf_counter() - began > TRIES_SECONDS:
            break
    return best


def _short(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms" if seconds >= 0.001 else f"{seconds * 1e6:.3g} us"
