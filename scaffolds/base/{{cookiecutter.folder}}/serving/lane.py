"""Where predictions run: `threads` at a time beside the event loop, a bounded number waiting, nobody waiting too long.

The event loop stays free, so /ping is answered while predictions run. Full: refused at once. No turn before the
deadline: refused then, while the caller still listens. Caller gone while waiting: dropped, for its answer would be
thrown away.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from serving import errors

Result = TypeVar("Result")

START_SHARE = 0.9  # of the timeout; the rest is for the prediction itself and for the way back


class Lane:
    """A queue in front of a few threads."""

    def __init__(self, threads: int, queue_size: int, timeout_seconds: float) -> None:
        """Make the threads (they start when needed) and an empty queue."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="predict")
        self._free = asyncio.Semaphore(threads)
        self._queue_size = queue_size
        self._waiting = 0
        self._timeout = timeout_seconds

    async def run(self, work: Callable[[], Result], is_gone: Callable[[], Awaitable[bool]]) -> Result:
        """Run `work` in a thread when its turn comes; `is_gone` tells if the caller has left. Raises RequestError."""
        if self._free.locked():
            await self._queue(self._free.acquire)
            if await is_gone():
                self._free.release()
                raise errors.client_gone()
        else:
            await self._free.acquire()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._free.release()

    async def until(self, done: Future[Result]) -> Result:
        """Wait, within the same bounds, for what another thread does. Raises RequestError."""
        await self._queue(lambda: asyncio.shield(asyncio.wrap_future(done)))
        return done.result()

    async def _queue(self, turn: Callable[[], Awaitable[object]]) -> None:
        if self._waiting >= self._queue_size:
            raise errors.overloaded(self._waiting)
        self._waiting += 1
        try:
            await asyncio.wait_for(turn(), self._timeout * START_SHARE)
        except TimeoutError:
            raise errors.too_late(self._timeout) from None
        finally:
            self._waiting -= 1
