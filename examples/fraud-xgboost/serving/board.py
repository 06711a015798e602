"""Numbers that all processes of the server see: memory shared between the supervisor and its workers.

A slot of float64 cells for each worker, one for the template that they may be forked from, and one for the supervisor.
Each process writes to its own slot only, from one thread, and may read all of them, so no lock is needed. A dead one's
is the supervisor's, which clears what was true of that process. The worker that takes its place goes on with the slot:
counters outlive their process.

The memory has no name in any file system, and all of it is there before a worker runs: neither a full /tmp nor a small
/dev/shm can end a worker in the middle of a write.
"""

import math
import mmap
import os
import tempfile
from bisect import bisect_left
from collections.abc import Iterable, Iterator

ROUTES = ("/ping", "/invocations", "/metrics", "/execution-parameters", "/openapi.json", "/models", "other")
STATUSES = (200, 400, 403, 404, 405, 406, 408, 409, 413, 414, 415, 424, 431, 499, 500, 501, 503, 507, 0)  # 0: another
HISTOGRAMS = ("total", "queue", "predict")
# Upper bounds in seconds: from a compiled model (well under a millisecond) to the platform's limit of 60 s.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
# Numbers that hold for a process, not for its place: a new worker begins them at 0.
GAUGES = ("in_flight", "queued", "busy", "connections", "model_loaded", "sick")
SUPERVISOR_CELLS = ("worker_restarts", "crash_loop", "started_at")

_ROUTE = {route: place * len(STATUSES) for place, route in enumerate(ROUTES)}
_STATUS = {status: place for place, status in enumerate(STATUSES)}
_WIDTH = len(BUCKETS) + 2  # the counts, one for what is slower than all bounds, and the sum of seconds
_HISTOGRAM = {name: len(ROUTES) * len(STATUSES) + place * _WIDTH for place, name in enumerate(HISTOGRAMS)}
_GAUGE = {name: len(ROUTES) * len(STATUSES) + len(HISTOGRAMS) * _WIDTH + place for place, name in enumerate(GAUGES)}
CELLS = len(ROUTES) * len(STATUSES) + len(HISTOGRAMS) * _WIDTH + len(GAUGES)


class Slot:
    """The cells of one worker."""

    def __init__(self, cells: "memoryview[float]") -> None:
        """Take cells that are there already; see `Board.take`."""
        self._cells = cells

    def count(self, route: str, status: int) -> None:
        """Count a request."""
        self._cells[_ROUTE.get(route, _ROUTE["other"]) + _STATUS.get(status, _STATUS[0])] += 1

    def observe(self, **seconds: float) -> None:
        """Add durations to the histograms of these names."""
        cells = self._cells
        for histogram, duration in seconds.items():
            first = _HISTOGRAM[histogram]
            cells[first + bisect_left(BUCKETS, duration)] += 1
            cells[first + _WIDTH - 1] += duration

    def set(self, gauge: str, value: float) -> None:
        """Set a number that goes up and down."""
        self._cells[_GAUGE[gauge]] = value

    def add(self, gauge: str, difference: float) -> None:
        """Let such a number go up, or down."""
        self._cells[_GAUGE[gauge]] += difference

    def get(self, gauge: str) -> float:
        """Give such a number."""
        return self._cells[_GAUGE[gauge]]

    def requests(self) -> Iterator[tuple[str, int, float]]:
        """Give route, status and count of what was counted at least once."""
        for route, first in _ROUTE.items():
            for status, place in _STATUS.items():
                if self._cells[first + place]:
                    yield route, status, self._cells[first + place]

    def histogram(self, name: str) -> list[float]:
        """Give the counts of each bucket, slower ones, and the sum of seconds."""
        return list(self._cells[_HISTOGRAM[name] : _HISTOGRAM[name] + _WIDTH])


class Board:
    """All the slots."""

    def __init__(self, descriptor: int, workers: int) -> None:
        """Map the memory behind a descriptor from `make`."""
        self.descriptor = descriptor
        self.workers = workers
        self._all = memoryview(mmap.mmap(descriptor, _bytes(workers))).cast("d")

    def take(self, place: int) -> Slot:
        """Give a worker's slot, with what belonged to the process before it cleared."""
        slot = self.slot(place)
        for gauge in GAUGES:
            slot.set(gauge, 0)
        return slot

    def slot(self, place: int) -> Slot:
        """Give the slot of the worker at `place`, from 0; the template is at -1."""
        return Slot(self._all[(place + 2) * CELLS : (place + 3) * CELLS])

    def slots(self) -> Iterable[Slot]:
        """Give the slots of all workers, and the template's."""
        return [self.slot(place) for place in range(-1, self.workers)]

    def set(self, name: str, value: float) -> None:
        """Set one of SUPERVISOR_CELLS: for the supervisor only."""
        self._all[SUPERVISOR_CELLS.index(name)] = value

    def get(self, name: str) -> float:
        """Give one of SUPERVISOR_CELLS."""
        return self._all[SUPERVISOR_CELLS.index(name)]

    def total(self, gauge: str) -> float:
        """Add a gauge up over all workers."""
        return sum(slot.get(gauge) for slot in self.slots())

    def least(self, gauge: str) -> float:
        """Give the smallest value of a gauge among the workers that are ready; infinity where none is."""
        ready = (slot for slot in map(self.slot, range(self.workers)) if slot.get("model_loaded"))
        return min((slot.get(gauge) for slot in ready), default=math.inf)


def make(workers: int) -> Board:
    """Make the memory, all zeros. Raises OSError where there is none."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("serving-board")
    else:
        with tempfile.TemporaryFile() as file:  # its name is gone already
            descriptor = os.dup(file.fileno())
    # Written and not only sized: memory that is missing is an error here, not a signal at the first write.
    if os.write(descriptor, bytes(_bytes(workers))) != _bytes(workers):
        raise OSError("the shared numbers do not fit")
    return Board(descriptor, workers)


def _bytes(workers: int) -> int:
    return (workers + 2) * CELLS * 8
