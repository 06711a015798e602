"""uvicorn, set up: uvloop, our protocol with its limits, no signals and no log lines of its own."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterator

import uvicorn
import uvloop
from litestar.types import ASGIApp

from serving.direct import Direct
from serving.protocol import Report, limited
from serving.workers import BACKLOG

KEEP_ALIVE = 75  # seconds an idle connection stays open: the platform reuses its own, and must not find them closing
QUICK_SECONDS = 1  # for requests in flight where the server makes room for another


class Server(uvicorn.Server):
    """uvicorn's server, stopped by its owner: its own signal handlers would end the process by the signal again."""

    def __init__(self, app: ASGIApp, report: Report, direct: Direct | None, *, quick: bool) -> None:
        """Prepare; `direct` answers what it can, below `app`, and `quick` ends without waiting for slow clients."""
        super().__init__(
            uvicorn.Config(
                app,
                http=limited(report, direct),
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
        await super().startup(sockets)
        self.listening_at = time.monotonic()
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handlers."""
        yield

    @staticmethod
    def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
        """Give what makes the event loop."""
        return uvloop.new_event_loop
