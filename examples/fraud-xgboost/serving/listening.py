"""uvicorn, set up: uvloop, our protocol with its limits, no signals and no log lines of its own."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn
import uvloop

from serving import logs
from serving.accepting import Accepting
from serving.direct import Direct
from serving.engine import Engine
from serving.handing import Handing
from serving.protocol import Report, limited
from serving.settings import Way
from serving.workers import BACKLOG

if TYPE_CHECKING:
    from litestar.types import ASGIApp

KEEP_ALIVE = 75  # seconds an idle connection stays open: the platform reuses its own, and must not find them closing
QUICK_SECONDS = 1  # for requests in flight where the server makes room for another
CLOSING_SECONDS = 0.1  # until idle connections are gone


class Server(uvicorn.Server):
    """uvicorn's server, stopped by its owner: its own signal handlers would end the process by the signal again."""

    def __init__(self, app: "ASGIApp", report: Report, engine: Engine, *, quick: bool) -> None:
        """Prepare; `quick` ends without waiting for slow clients."""
        direct = Direct(engine) if engine.config.server.http is Way.DIRECT else None
        self._engine, self._quick = engine, quick
        super().__init__(
            uvicorn.Config(
                app,
                http=limited(report, direct, partial(engine.slot.set, "connections")),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                backlog=BACKLOG,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=QUICK_SECONDS if quick else None,
            )
        )
        self._told_to_stop = asyncio.Event()
        self.listening = asyncio.Event()
        self.listening_at = 0.0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        shared = sockets if sockets and self._engine.board.workers > 1 else []
        await super().startup([] if shared else sockets)
        if shared:
            self.servers += self._share(shared[0])  # type: ignore[arg-type]
        self.listening_at = time.monotonic()
        self.listening.set()

    def stop(self) -> None:
        """End `serve` soon: at once where nobody is connected and the server is quick."""
        self.should_exit = True
        self._told_to_stop.set()

    async def main_loop(self) -> None:
        """Tick until told to stop, and end then: uvicorn's own looks ten times a second."""
        ticking = asyncio.ensure_future(super().main_loop())
        told = asyncio.ensure_future(self._told_to_stop.wait())
        try:
            await asyncio.wait({ticking, told}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ticking.cancel()
            told.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close. A quick server ends with its last connection: uvicorn's own waits a tenth of a second in any case."""
        if not self._quick or not await self._close(sockets or []):
            await super().shutdown(sockets)

    async def _close(self, sockets: list[socket.socket]) -> bool:
        """Take no more, and wait a little for who is connected; tell whether all are gone."""
        for server in self.servers:
            server.close()
        for one in sockets:
            one.close()
        for server in self.servers:
            await server.wait_closed()
        state = self.server_state
        for connection in list(state.connections):
            connection.shutdown()
        deadline = time.monotonic() + CLOSING_SECONDS
        while (state.connections or state.tasks) and time.monotonic() < deadline:  # noqa: ASYNC110 - uvicorn has no event
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.001)  # a connection that was lost is closed in the turn after
        return not state.connections and not state.tasks

    def _share(self, listener: socket.socket) -> list[Accepting | Handing]:
        state, engine = self.server_state, self._engine
        protocol: Any = self.config.http_protocol_class
        make = partial(protocol, config=self.config, server_state=state, app_state=self.lifespan.state)
        accepting = Accepting(listener, make, lambda: len(state.connections), engine.board, engine.slot)
        if engine.many:
            return [accepting]
        try:
            protocol.handing = Handing(engine, make)
        except OSError as problem:  # requests stay where they come
            logs.info("handing_unavailable", message=str(problem))
            return [accepting]
        return [accepting, protocol.handing]

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handlers."""
        yield

    @staticmethod
    def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
        """Give what makes the event loop."""
        return uvloop.new_event_loop
