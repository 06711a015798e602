"""Refuses new work while memory is nearly gone: an answer that says "try again" is better than a killed worker.

The kernel kills the largest process at the limit, with all of its requests. What runs already goes on and gives memory
back; /ping stays 200, for the server can answer again as soon as it has.
"""

import ctypes
import gc
import time
from collections.abc import Callable

from serving import errors, logs
from serving.memory import MemoryGroup

# What must stay free for the requests that run already: a twentieth, and at least ten payloads of the platform's 6 MiB.
FREE_SHARE = 0.05
FREE_BYTES = 64 * 1024 * 1024
# Reading costs some 100 microseconds. From afar memory is not filled faster than this; near the line it may be.
READ_EVERY = 0.01  # seconds
NEAR = 0.7  # of the limit
READ_EVERY_NEAR = 0.002
SAY_EVERY = 10.0  # seconds between two log lines


class MemoryGuard:
    """Knows whether a request may begin."""

    def __init__(self, group: MemoryGroup | None, clock: Callable[[], float] = time.monotonic) -> None:
        """Watch `group`; without one, or without a limit, nothing is refused."""
        self._group = group
        self._limit = group.limit_bytes() if group else None
        self._wait = READ_EVERY
        self._clock = clock
        self._read_at = self._said_at = float("-inf")
        self._full = False

    def admit(self, running: int) -> None:
        """Raise RequestError (503) while memory is nearly gone; `running` requests of this worker are under way."""
        if self._is_full(running):
            raise errors.memory_short()

    def _is_full(self, running: int) -> bool:
        now = self._clock()
        if self._group is None or self._limit is None or now - self._read_at < self._wait:
            return self._full
        self._read_at = now
        used = self._group.used_bytes() or 0
        self._wait = READ_EVERY if used < self._limit * NEAR else READ_EVERY_NEAR
        self._full = used >= self._limit - max(self._limit * FREE_SHARE, FREE_BYTES)
        if self._full and now - self._said_at >= SAY_EVERY:
            self._said_at = now
            advice = "fewer workers, smaller requests, or an instance with more memory"
            logs.warning("memory_nearly_full", used_bytes=used, limit_bytes=self._limit, message=advice)
            if not running:
                give_back()
        return self._full


def give_back() -> None:
    """Return what the allocator holds for later: without this, an idle worker could stay over the line for good."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError):  # not glibc
        return
