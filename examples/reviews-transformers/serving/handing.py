"""A request that would wait here goes to a worker that is free, and its connection with it.

A client keeps its connections, and each belongs to one worker: two requests at one time may come to the same one, while
another has nothing to do. So where all of this worker's threads predict, the next request is handed on before it is
read: the connection's descriptor, with the bytes that have come. The other worker goes on as if it had accepted it, and
answers by itself; nothing comes back here, so limits, deadlines, the log and the numbers are those of the one who answers.

- Only to a worker whose model is ready and which has a free thread, and only once: who was given a request keeps it.
- Only where predictions take longer than that costs; so never where they run in the event loop.
- A worker that ends takes what was sent to it, and then no more; one that has died has no address. The request stays here.
- Addresses have no name in any file system, and only what the same user sent is taken.
"""

import array
import asyncio
import os
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serving.engine import Engine
    from serving.protocol import LimitedProtocol

PAYS_SECONDS = 0.004  # of a prediction: ten to twenty times what a connection's way to another worker takes
MOST_BYTES = 256 * 1024  # of a request, when it goes: what uvloop reads at one time
SETTLING_SECONDS = 0.005  # from a request's first bytes, until its worker says that a thread is taken
CREDENTIALS = struct.Struct("3i")  # process, user and group, as the kernel writes them

Make = Callable[[], "LimitedProtocol"]


class Handing:
    """One worker's address, and what it sends to the others'."""

    def __init__(self, engine: "Engine", make: Make) -> None:
        """Begin to take; `make` makes the protocol of a connection. Raises OSError where the system has no such addresses."""
        self.closed = False
        self._engine = engine
        self._make = make
        self._threads = engine.config.server.threads
        self._others = {
            other: engine.board.slot(other) for other in range(engine.board.workers) if other != engine.place
        }
        self._given = dict.fromkeys(self._others, 0.0)  # when each was given something
        self._begun = self._expected = 0
        self._expected_until = 0.0
        self._loop = asyncio.get_running_loop()
        self._coming: set[asyncio.Task[object]] = set()
        self._socket = _socket(self._address(engine.place))
        self._loop.add_reader(self._socket, self._take)

    @property
    def pays(self) -> bool:
        """True where a prediction keeps a thread for long."""
        gathering = self._engine.gathering
        return not (gathering and gathering.inline) and self._engine.lane.usual_seconds > PAYS_SECONDS

    def give(self, connection: int, begun: bytes) -> bool:
        """Send a connection's descriptor and what was read of it to a worker that is free; False where it is to stay here."""
        now = time.monotonic()
        if self.closed or len(begun) > MOST_BYTES or not self._is_full(now):
            return False
        for place in self._free(now):
            descriptors = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [connection]))]
            with suppress(OSError):  # it is gone, or has not taken what it got before
                self._socket.sendmsg([begun], descriptors, 0, self._address(place))
                self._given[place] = now
                return True
        return False

    def close(self) -> None:
        """Take what was sent, and no more."""
        if self.closed:
            return
        self.closed = True
        self._loop.remove_reader(self._socket)
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)
        self._take()
        self._socket.close()

    async def wait_closed(self) -> None:
        """Wait for those that were taken and have no protocol yet."""
        if self._coming:
            await asyncio.wait(self._coming)

    def _is_full(self, now: float) -> bool:
        # Those that stay are counted until the lane does: several may come in one turn of the event loop.
        lane = self._engine.lane
        if lane.begun != self._begun or now > self._expected_until:
            self._begun, self._expected = lane.begun, 0
        if lane.taken + self._expected >= self._threads:
            return True
        self._expected += 1
        self._expected_until = now + SETTLING_SECONDS
        return False

    def _free(self, now: float) -> Iterator[int]:
        for place, slot in self._others.items():
            settled = now - self._given[place] > SETTLING_SECONDS
            if settled and slot.get("model_loaded") and slot.get("busy") < self._threads:
                yield place

    def _address(self, place: int) -> bytes:
        # The numbers' memory is this server's alone, and so is its number in the kernel.
        return b"\0byocgen-%d-%d" % (os.fstat(self._engine.board.descriptor).st_ino, place)

    def _take(self) -> None:
        while True:
            try:
                begun, ancillary, _, _ = self._socket.recvmsg(MOST_BYTES, 256)
            except OSError:
                return
            if not begun:  # this end was shut
                return
            descriptors, user = _read(ancillary)
            connections = [socket.socket(fileno=number) for number in descriptors]
            if user != os.getuid() or len(connections) != 1:
                for connection in connections:
                    connection.close()
                continue
            self._go_on(connections[0], begun)

    def _go_on(self, connection: socket.socket, begun: bytes) -> None:
        connection.setblocking(False)
        protocol = self._make()
        protocol.begun = begun
        coming = self._loop.connect_accepted_socket(lambda: protocol, connection)
        task: asyncio.Task[object] = self._loop.create_task(coming)
        self._coming.add(task)
        task.add_done_callback(self._come)

    def _come(self, task: "asyncio.Task[object]") -> None:
        self._coming.discard(task)
        if not task.cancelled():
            task.exception()  # a client that has gone already is nobody's news


def _socket(address: bytes) -> socket.socket:
    if sys.platform != "linux":
        raise OSError("only Linux has such addresses")
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * MOST_BYTES)
        made.setblocking(False)
        made.bind(address)
    except BaseException:
        made.close()
        raise
    return made


def _read(ancillary: list[tuple[int, int, bytes]]) -> tuple[list[int], int]:
    """Give the descriptors that came with a message, and the user who sent it."""
    descriptors: list[int] = []
    user = -1
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            found = array.array("i")
            found.frombytes(data[: len(data) - len(data) % found.itemsize])
            descriptors += found
        elif level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            user = CREDENTIALS.unpack(data)[1]
    return descriptors, user
