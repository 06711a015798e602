"""Keep-alive with one timer a connection: a timer for each request would cost as much as reading its headers.

The timer goes on, and looks when it is due whether there was a request.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Idling(HttpToolsProtocol):
    """One connection of uvicorn's, whose owner says when it begins to wait for its client, and when it stops."""

    _idle_since: float | None = None  # the event loop's time

    def on_response_complete(self) -> None:
        """Go on with what waits on this connection, or let it wait for its client: as uvicorn, but for the timer."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        else:
            self.begin_idling()

    def begin_idling(self) -> None:
        """Let the connection wait for its client from now on, for as long as uvicorn's setting says."""
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_later(self.timeout_keep_alive)

    def begin_work(self) -> None:
        """Stop waiting: something has come."""
        self._idle_since = None

    @property
    def is_idle(self) -> bool:
        """True where the client has no request under way."""
        return self._idle_since is not None

    def _look_later(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self._look_whether_idle)

    def _look_whether_idle(self) -> None:
        self.timeout_keep_alive_task = None
        if self._idle_since is not None:
            left = self._idle_since + self.timeout_keep_alive - self.loop.time()
            self._look_later(left) if left > 0 else self.timeout_keep_alive_handler()
