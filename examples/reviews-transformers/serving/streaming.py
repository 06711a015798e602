"""An answer in pieces, from the thread that makes them to the client that reads them.

The thread is never far ahead: it waits for the client, and so does the model. A client that hangs up, or the deadline,
stops it: `chunks.close()` is called between two pieces, in the thread that runs the generator, as generators want it.
"""

import asyncio
import threading

from serving import errors
from serving.errors import RequestError
from serving.lane import Turn, in_loop
from serving.reply import Streamed

AHEAD = 8  # pieces that are made before the client has read those before


class Feed:
    """The bounded queue between the two. `pump` runs in the lane's thread, everything else in the event loop."""

    def __init__(self, streamed: Streamed) -> None:
        """Prepare; nothing is made yet."""
        self.streamed = streamed
        self._ready: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue()
        self._room = threading.Semaphore(AHEAD)
        self._stopped = threading.Event()

    def pump(self, loop: asyncio.AbstractEventLoop) -> None:
        """Make the pieces, until they end or `stop` is called."""
        chunks = self.streamed.chunks
        try:
            while self._room.acquire() and not self._stopped.is_set():
                chunk = next(chunks, None)
                in_loop(loop, self._ready.put_nowait, chunk)
                if chunk is None:
                    break
        except BaseException as error:  # noqa: BLE001 - goes to the log, with the request
            in_loop(loop, self._ready.put_nowait, error)
        finally:
            close = getattr(chunks, "close", None)
            if close:
                close()

    def stop(self) -> None:
        """Nobody reads any more: end the thread at its next piece."""
        self._stopped.set()
        self._room.release()

    async def next(self, turn: Turn) -> bytes | None:
        """Give the next piece, None after the last. Raises RequestError: deadline, client gone, the model's failure."""
        item = await self._wait(turn) if self._ready.empty() else self._ready.get_nowait()
        self._room.release()
        if isinstance(item, RequestError):
            raise item
        if isinstance(item, BaseException):
            raise errors.failed("the stream", item) from item
        return item

    async def _wait(self, turn: Turn) -> bytes | BaseException | None:
        comes, leaves = asyncio.ensure_future(self._ready.get()), asyncio.ensure_future(turn.client_gone())
        try:
            await asyncio.wait({comes, leaves}, timeout=turn.left(), return_when=asyncio.FIRST_COMPLETED)
            if leaves.done():
                raise errors.client_gone()
            if not comes.done():
                raise errors.took_too_long(turn.timeout_seconds)
            return comes.result()
        finally:
            comes.cancel()
            leaves.cancel()
