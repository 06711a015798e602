"""HTTP/1.1 with limits: uvicorn's protocol on httptools, which by itself takes headers of any size, for any time.

Every refusal is JSON like the application's own, and is reported so that it is logged and counted. A connection is
closed after it: what follows in it is not to be trusted. It is closed lingering: closed at once, with bytes unread, the
kernel would reset it, and the client might never see the answer.
"""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from serving import errors, upgrade
from serving.direct import Cycle, Direct
from serving.errors import RequestError
from serving.handing import Handing
from serving.idling import Idling

HEAD_BYTES = 32 * 1024  # of all headers; the platform's own are below 2 KiB, proxies allow 8 to 64 KiB
HEAD_COUNT = 100
TARGET_BYTES = 8 * 1024
HEAD_SECONDS = 10.0  # from the first byte of a request to the end of its headers
LINGER_SECONDS = 2.0  # how long a client may go on sending after it was refused
# What is read of it then, and thrown away; after that it is left to wait, for its end.
LINGER_BYTES = 32 * 1024 * 1024
PREDICT = b"POST /invocations HTTP/1.1\r\n"

Report = Callable[[RequestError], None]
Counted = Callable[[int], None]  # is told how many connections are open, whenever that changes


class LimitedProtocol(Idling):
    """One connection. `report`, `direct` and `counted` are set on the class that `limited` makes, `handing` by its owner."""

    report: Report
    direct: Direct | None
    counted: Counted
    handing: Handing | None = None

    begun = b""  # what another worker read of a request before it gave us the connection
    whole = b""  # what is being read, if a request begins with it; for one request only

    _refusal: RequestError | None = None
    _head_timer: asyncio.TimerHandle | None = None
    _in_head = False
    _head_bytes = _header_bytes = 0
    _in_tail = False  # after a chunk's size line: of the last chunk, its trailers follow
    _tail_bytes = 0
    _trailers = 0
    _lingers = False
    _discarded = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give a connection that says nothing as long as one between two requests."""
        super().connection_made(transport)
        type(self).counted(len(self.connections))
        self.begin_idling()
        if self.begun:
            self.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if self.begun:
            self.data_received(b"")
        if self.handing and self.handing.closed and not self.transport.is_closing():
            self.shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        self._stop_head_timer()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)
        type(self).counted(len(self.connections))

    def data_received(self, data: bytes) -> None:
        """Answer a request whose head is known; parse any other."""
        if self._lingers:
            self._discard(len(data))
        elif self.begun:  # the rest may come before `_go_on`
            begun, self.begun = self.begun, b""
            self._read(begun + data)
        elif self._in_head or self.unanswered:
            self._read(data)
        elif self.handing and self.handing.pays and data.startswith(PREDICT) and self._hand_over(self.handing, data):
            return
        elif self.direct and (cycle := self.direct.take_again(self, data)):
            self.begin_work()
            self.cycle = cast("RequestResponseCycle", cycle)
            cycle.set()
        else:
            self.whole = data
            self._read(data)
            self.whole = b""

    def _discard(self, count: int) -> None:
        self._discarded += count
        if self._discarded > LINGER_BYTES:
            self.flow.pause_reading()

    def _read(self, data: bytes) -> None:
        """Parse; then see whether the headers are done, which they are but for slow or hostile clients."""
        began_before, tail_before = self._in_head, self._in_tail
        self.begin_work()
        try:
            self._parse(data)
        except httptools.HttpParserError:
            self._refuse(self._refusal or errors.not_http())
            return
        if self._in_head:
            self._start_head_timer()
            # All of this piece was header, unless the request began in it.
            self._head_bytes += len(data) if began_before else 0
            if self._head_bytes > HEAD_BYTES:
                self._refuse(errors.head_too_large(HEAD_BYTES, HEAD_COUNT))
            return
        self._stop_head_timer()
        self._tail_bytes += len(data) if tail_before and self._in_tail else 0  # one trailer without an end
        if self._tail_bytes > HEAD_BYTES:
            self._refuse(errors.head_too_large(HEAD_BYTES, HEAD_COUNT))
            return
        if not (self.is_idle or self.unanswered):
            self.begin_idling()  # blank lines between requests
        elif isinstance(self.cycle, Cycle) and self.cycle.more_body:
            self.cycle.wait_for_body()

    def _hand_over(self, handing: Handing, data: bytes) -> bool:
        # Only behind one that was answered to its last byte.
        written = not (self.transport.is_closing() or self.transport.get_write_buffer_size())
        if not (written and handing.give(self.transport.get_extra_info("socket").fileno(), data)):
            return False
        self.transport.abort()  # our descriptor of it; the other worker has one of its own
        return True

    def _parse(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as stopped:
            self.cycle.keep_alive = False  # where the next request would begin, nobody knows
            if self.cycle.more_body:
                self.parser = upgrade.body_parser(self, self.headers)
                self.parser.feed_data(data[stopped.args[0] :])

    def on_message_complete(self) -> None:
        """End a request, unless its body is still to come: of one with Upgrade the parser sees only the head."""
        self._in_tail = False
        if not (self.parser.should_upgrade() and upgrade.has_body(self.headers)):
            super().on_message_complete()

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._in_head = True
        self._head_bytes = self._header_bytes = self._tail_bytes = self._trailers = 0
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; count a trailer and drop it, for nobody reads them."""
        if self._in_head:
            name = name.lower()
            if name == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True
            self.headers.append((name, value))
            self._header_bytes += len(name) + len(value)
            return
        self._trailers += 1
        if self._trailers > HEAD_COUNT or len(name) + len(value) > HEAD_BYTES:
            self._refusal = errors.head_too_large(HEAD_BYTES, HEAD_COUNT)
            raise ValueError(self._refusal.code)  # ends the parsing; see data_received

    def on_chunk_header(self) -> None:
        """Note that a chunk begins, the last one perhaps."""
        self._in_tail = True
        self._tail_bytes = 0

    def on_body(self, body: bytes) -> None:
        """Hand on a piece of the body."""
        self._in_tail = False
        super().on_body(body)

    def on_headers_complete(self) -> None:
        """Check the head, then start the request."""
        self._in_head = False
        if len(self.url) > TARGET_BYTES:
            self._refusal = errors.target_too_long(TARGET_BYTES)
        elif self._header_bytes > HEAD_BYTES or len(self.headers) > HEAD_COUNT:
            self._refusal = errors.head_too_large(HEAD_BYTES, HEAD_COUNT)
        if self._refusal:
            raise ValueError(self._refusal.code)  # ends the parsing; see data_received
        cycle = self.direct.take(self) if self.direct else None
        self.whole = b""
        if cycle:
            self.cycle = cast("RequestResponseCycle", cycle)
            return
        self._make_scope()
        self.scope["state"]["hang_up"] = self.hang_up
        super().on_headers_complete()
        self.cycle.transport = cast("asyncio.Transport", self)  # its close() shall be ours

    def _make_scope(self) -> None:
        # What uvicorn does at the beginning of each request, and only those need that go to the application.
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.headers += headers  # the scope has this very list
        self.url, self.expect_100_continue = url, expects

    @property
    def unanswered(self) -> bool:
        """True while a request waits for the end of its answer."""
        cycle: Any = self.cycle  # None before the first one
        return cycle is not None and not cycle.response_complete

    def write(self, data: bytes) -> None:
        """Send, for the request's cycle."""
        self.transport.write(data)

    def is_closing(self) -> bool:
        """Tell whether the connection is going, for the request's cycle."""
        return self.transport.is_closing()

    def close(self) -> None:
        """Close after an answer: lingering where the request has not been read to its end."""
        if self.cycle.more_body:
            self._close_lingering()
        else:
            self.transport.close()

    def hang_up(self) -> None:
        """Cut an answer short: the client sees that it is not complete."""
        self.cycle.disconnected = True
        self.transport.close()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)  # a client that does not read would hold it open

    def _refuse(self, error: RequestError) -> None:
        # An answer for what the application does not see.
        self._stop_head_timer()
        if self.unanswered:
            if not self.cycle.more_body:  # what follows a whole request is wrong: that one still gets its answer
                self.cycle.keep_alive = False
                self._lingers = True
                return
            self.cycle.scope["state"]["refused"] = error
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        else:
            type(self).report(error)
        body = error.json()
        head = [b"content-type: application/json", b"content-length: %d" % len(body), b"connection: close"]
        self.transport.write(STATUS_LINE[error.status] + b"\r\n".join(head) + b"\r\n\r\n" + body)
        self._close_lingering()

    def _close_lingering(self) -> None:
        if self.transport.is_closing():
            return
        self._lingers = True
        self.flow.resume_reading()
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _start_head_timer(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_is_late)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self._refuse(errors.head_stalled())


def limited(report: Report, direct: Direct | None, counted: Counted) -> type[LimitedProtocol]:
    """Make a protocol class that reports its refusals, and hands plain requests to `direct`; a connection is an object of it."""
    attributes: dict[str, Any] = {"report": staticmethod(report), "direct": direct, "counted": staticmethod(counted)}
    return type("Protocol", (LimitedProtocol,), attributes)
