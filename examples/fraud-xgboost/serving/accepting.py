"""Takes new connections so that all workers have as many: they listen on one socket, and a client stays where it came.

A worker with more connections than another leaves a new one to that one. Not for longer than a moment, for the other
may be busy in the event loop, or hang. Else one worker may get most of the clients, and the others nothing to do.
"""

import asyncio
import socket
from collections.abc import Callable

from serving.board import Board, Slot

PATIENCE_SECONDS = 0.003  # many turns of an idle event loop


class Accepting:
    """A listening socket's part of one worker; closed as asyncio's servers are."""

    def __init__(
        self,
        listener: socket.socket,
        make: Callable[[], asyncio.Protocol],
        counted: Callable[[], int],
        board: Board,
        slot: Slot,
    ) -> None:
        """Begin. `make` makes a connection's protocol, `counted` tells how many there are."""
        listener.setblocking(False)
        self._listener = listener
        self._make = make
        self._counted = counted
        self._board = board
        self._slot = slot
        self._loop = asyncio.get_running_loop()
        self._coming: set[asyncio.Task[object]] = set()
        self._later: asyncio.TimerHandle | None = None
        self._loop.add_reader(listener, self._take_or_leave)

    def close(self) -> None:
        """Take no more."""
        self._loop.remove_reader(self._listener)
        if self._later:
            self._later.cancel()

    async def wait_closed(self) -> None:
        """Wait for those that were taken and have no protocol yet."""
        if self._coming:
            await asyncio.wait(self._coming)

    def _take_or_leave(self) -> None:
        mine = self._counted() + len(self._coming)
        self._slot.set("connections", mine)
        if mine <= self._board.least("connections"):
            self._take()
        else:
            self._loop.remove_reader(self._listener)
            self._later = self._loop.call_later(PATIENCE_SECONDS, self._take_after_all)

    def _take_after_all(self) -> None:
        self._later = None
        self._take()
        self._loop.add_reader(self._listener, self._take_or_leave)

    def _take(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # another worker was faster, the client has gone, or no descriptor is free
            return
        connection.setblocking(False)
        task: asyncio.Task[object] = self._loop.create_task(self._loop.connect_accepted_socket(self._make, connection))
        self._coming.add(task)
        task.add_done_callback(self._come)
        self._slot.set("connections", self._counted() + len(self._coming))

    def _come(self, task: "asyncio.Task[object]") -> None:
        self._coming.discard(task)
        if not task.cancelled():
            task.exception()  # a client that has gone already is nobody's news
