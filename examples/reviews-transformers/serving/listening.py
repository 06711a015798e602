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


class Server(uvicorn.Server):
    """uvicorn's server, stopped by its owner: its own signal handlers would end the process by the signal again."""

    def __init__(self, app: "ASGIApp", report: Report, engine: Engine, *, quick: bool) -> None:
        """Prepare; `quick` ends without waiting for slow clients."""
        direct = Direct(engine) if engine.config.server.http is Way.DIRECT else None
        self._engine = engine
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
