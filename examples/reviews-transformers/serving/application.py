"""The ASGI application, imported late: Litestar is half of what a worker imports, and plain requests do without it.

It is there once the model is ready, or as soon as a request needs it; the import runs beside the event loop.
"""

import asyncio
from typing import TYPE_CHECKING

from serving.engine import Engine

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Receive, Scope, Send


class Application:
    """An ASGI application that stands for the one of `app`."""

    def __init__(self, engine: Engine) -> None:
        """Stand for the application around `engine`."""
        self._engine = engine
        self._made: asyncio.Task[ASGIApp] | None = None

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        app = await self.get()
        await app(scope, receive, send)

    async def get(self) -> "ASGIApp":
        """Give the application itself, imported once."""
        if self._made is None:
            self._made = asyncio.ensure_future(asyncio.to_thread(self._make))
        return await asyncio.shield(self._made)

    def _make(self) -> "ASGIApp":
        from serving.app import create_app  # noqa: PLC0415 - see above

        return create_app(self._engine)
