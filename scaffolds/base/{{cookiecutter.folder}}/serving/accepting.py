"""Takes new connections so that all workers have as many: they listen on one socket, and a client stays where it came.

A worker with more connections than another leaves new ones to that one. Not for longer than a moment, for the other
may be busy in the event loop, or hang. Else one worker may get most of the clients, and the others nothing to do.
Where many come at one time, evenness matters less than that none of them waits: several are taken at once.
"""

import asyncio
import socket
from collections.abc import Callable

from serving.board import Board, Slot

PATIENCE_SECONDS = 0.003  # many turns of an idle event loop
LOOK_SECONDS = 0.001  # meanwhile, whether the other has caught up: the least that uvloop's timers know
SLACK = 8  # of so many connections one may be too many


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
        self._patient_until = 0.0  # the event loop's time
        self._closed = False
        self._loop.add_reader(listener, self._take_or_leave)

    def close(self) -> None:
        """Take no more; said again, it does nothing."""
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._listener)
        if self._later:
            self._later.cancel()

    async def wait_closed(self) -> None:
        """Wait for those that were taken and have no protocol yet."""
        if self._coming:
            await asyncio.wait(self._coming)

    def _take_or_leave(self) -> None:
        while not self._leads():
            if not self._take():
                return
        self._loop.remove_reader(self._listener)
        self._patient_until = self._loop.time() + PATIENCE_SECONDS
        self._look_later()

    def _show(self) -> int:
        """Tell the others how many are ours."""
        mine = self._counted() + len(self._coming)
        self._slot.set("connections", mine)
        return mine

    def _leads(self) -> bool:
        mine = self._show()
        return mine > self._board.least("connections") + mine // SLACK

    def _look_later(self) -> None:
        self._later = self._loop.call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        self._later = None
        leads = self._leads()
        if leads and self._loop.time() < self._patient_until:
            self._look_later()
            return
        if leads:
            for _ in range(1 + self._counted() // SLACK):
                self._take()
        self._loop.add_reader(self._listener, self._take_or_leave)

    def _take(self) -> bool:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # another worker was faster, the client has gone, or no descriptor is free
            return False
        connection.setblocking(False)
        task: asyncio.Task[object] = self._loop.create_task(self._loop.connect_accepted_socket(self._make, connection))
        self._coming.add(task)
        task.add_done_callback(self._come)
        self._show()
        return True

    def _come(self, task: "asyncio.Task[object]") -> None:
        self._coming.discard(task)
        if not task.cancelled():
            task.exception()  # a client that has gone already is nobody's news
