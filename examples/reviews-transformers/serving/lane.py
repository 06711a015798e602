"""Where predictions run: `threads` at a time beside the event loop, a bounded number waiting, nobody waiting too long.

The event loop stays free, so /ping is answered while predictions run. Full: refused at once. No result before the
deadline: refused then, while the caller still listens; its prediction cannot be stopped, so its thread stays taken
until it ends, which is sooner where the work looks whether it is still wanted. Caller gone while waiting: dropped at
once, for its answer would be thrown away.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from serving import errors
from serving.board import Slot
from serving.context import ABANDONED

Result = TypeVar("Result")
Deliver = Callable[[Result], None]

ANSWER_SHARE = 0.95  # of the timeout, when we give up; the rest is for the way back to a caller who counts, too
LATEST = 0.25  # the weight of one prediction in the mean


class Turn:
    """When a request came, and how long it has waited."""

    def __init__(self, timeout_seconds: float, client_gone: Callable[[], Awaitable[object]]) -> None:
        """Begin now. `client_gone()` returns once the client has closed the connection."""
        self.timeout_seconds = timeout_seconds
        self.client_gone = client_gone
        self.deadline = time.monotonic() + timeout_seconds * ANSWER_SHARE
        self.queue_seconds = 0.0
        self.abandoned = threading.Event()  # set once nobody waits; what runs may look at it, and end early

    def left(self) -> float:
        """Give the seconds until the deadline, at least 0."""
        return max(0.0, self.deadline - time.monotonic())


class Lane:
    """A queue in front of a few threads."""

    def __init__(self, threads: int, queue_size: int, slot: Slot) -> None:
        """Make the threads (they start when needed) and an empty queue, whose length `slot` shows."""
        self._slot = slot
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="predict")
        self._free = asyncio.Semaphore(threads)
        self._queue_size = queue_size
        self._gathered = 0
        self.waiting = self.running = 0
        self.taken = 0  # threads that are somebody's: those that run, and those about to
        self.begun = 0  # how often one was taken, so far
        self.usual_seconds = 0.0  # that one is taken for: a mean in which the latest weigh most

    async def run(
        self, work: Callable[[Deliver[Result]], None], turn: Turn, discard: Callable[[Result], None] = lambda _: None
    ) -> Result:
        """Run `work` in a thread when its turn comes, and give what it delivers. Raises RequestError.

        A thread may go on after it has delivered, and is free when `work` returns. What is delivered after the deadline
        goes to `discard`.
        """
        await self.acquire(turn)
        return await self.run_acquired(work, turn, discard)

    async def acquire(self, turn: Turn) -> None:
        """Wait for a free thread, which is then the caller's until `run_acquired` ends. Raises RequestError."""
        if self._free.locked():
            await self._queue(self._free.acquire(), turn)
        else:
            await self._free.acquire()
        self.begun += 1
        self._take(1)

    async def run_acquired(
        self, work: Callable[[Deliver[Result]], None], turn: Turn, discard: Callable[[Result], None] = lambda _: None
    ) -> Result:
        """As `run`, in the thread that `acquire` waited for."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Result] = loop.create_future()

        def accept(value: Result) -> None:
            discard(value) if result.done() else result.set_result(value)

        def fail(error: BaseException) -> None:
            if not result.done():
                result.set_exception(error)

        def run() -> None:
            began = time.monotonic()
            ABANDONED.set(turn.abandoned)
            try:
                work(lambda value: in_loop(loop, accept, value))
            except BaseException as error:  # noqa: BLE001 - the caller's to judge
                in_loop(loop, fail, error)
            finally:
                in_loop(loop, self._end, began)

        self.running += 1
        self._pool.submit(run)
        watch = asyncio.ensure_future(_watch(turn))
        try:
            return await asyncio.wait_for(result, turn.left())
        except TimeoutError:
            turn.abandoned.set()
            raise errors.took_too_long(turn.timeout_seconds) from None
        finally:
            watch.cancel()

    def show(self, gathered: int) -> None:
        """Let the slot show how many wait: here, and `gathered` elsewhere for a thread."""
        self._gathered = gathered
        self._slot.set("queued", self.waiting + gathered)

    def _take(self, threads: int) -> None:
        self.taken += threads
        self._slot.set("busy", self.taken)

    def _end(self, began: float) -> None:
        self.running -= 1
        self.usual_seconds += (time.monotonic() - began - self.usual_seconds) * LATEST
        self._take(-1)
        self._free.release()

    async def until(self, done: "Future[Result]", turn: Turn) -> Result:
        """Wait, within the same bounds, for what another thread does. Raises RequestError."""
        waits: asyncio.Future[Result] = asyncio.wrap_future(done)
        await self._queue(asyncio.shield(waits), turn)
        return done.result()

    async def _queue(self, its_turn: Awaitable[object], turn: Turn) -> None:
        if self.waiting >= self._queue_size:
            if asyncio.iscoroutine(its_turn):
                its_turn.close()
            raise errors.overloaded(self.waiting)
        self.waiting += 1
        self.show(self._gathered)
        began = time.monotonic()
        waits, leaves = asyncio.ensure_future(its_turn), asyncio.ensure_future(turn.client_gone())
        try:
            await asyncio.wait({waits, leaves}, timeout=turn.left(), return_when=asyncio.FIRST_COMPLETED)
            turn.queue_seconds += time.monotonic() - began
            if leaves.done():
                self._undo(waits)
                raise errors.client_gone()
            if not waits.done():
                raise errors.too_late(turn.timeout_seconds)
        finally:
            self.waiting -= 1
            self.show(self._gathered)
            for task in (waits, leaves):
                task.cancel()

    def _undo(self, waits: "asyncio.Future[object]") -> None:
        # The turn came in the same moment: somebody else's now. (A shielded future has no slot; its result is a model.)
        if waits.done() and waits.result() is True:
            self._free.release()


async def never() -> None:
    """Wait for ever: for work that no client waits for, and so none can leave."""
    await asyncio.Event().wait()


async def _watch(turn: Turn) -> None:
    await turn.client_gone()
    turn.abandoned.set()


def in_loop(loop: asyncio.AbstractEventLoop, function: Callable[..., object], *arguments: object) -> None:
    """Call `function` in the loop's thread, from any other."""
    with suppress(RuntimeError):  # the loop is closed: the process ends, nobody waits
        loop.call_soon_threadsafe(function, *arguments)
