"""POST /invocations and GET /ping, answered below ASGI: as the application would, at a third of its time.

- Only plain requests: HTTP/1.1, the path alone, a body of known length without an encoding, no expectation, nothing
  unanswered before it on its connection; and only where requests are gathered (see `gathering`). Everything else, and
  all where serving.toml says `http = "asgi"`, goes to the application.
- A `Cycle` is what uvicorn's protocol knows of a request, in place of its own. Limits of the head, keep-alive, pipelines
  and draining stay uvicorn's and `protocol`'s.
"""

import asyncio
import time
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from serving import access, errors, logs, media
from serving.access import Exchange
from serving.body import STALL_SECONDS
from serving.call import Call, Send
from serving.context import CUSTOM_ATTRIBUTES, INFERENCE_ID, Context
from serving.engine import Engine
from serving.errors import RequestError
from serving.heads import Head, Heads
from serving.invocation import Invocation
from serving.lane import ANSWER_SHARE
from serving.reply import Reply

if TYPE_CHECKING:
    from serving.gathering import Gathering
    from serving.protocol import LimitedProtocol
    from serving.together import Answer

# Headers that ask for more than the plain way; those that it reads; any other is ignored.
SPECIAL = {b"transfer-encoding", b"content-encoding", b"upgrade", b"expect"}
NOTICED: dict[bytes, str] = {
    name.encode(): name
    for name in ("content-length", "content-type", "accept", *access.REQUEST_IDS, INFERENCE_ID, CUSTOM_ATTRIBUTES)
} | dict.fromkeys(SPECIAL, "")


JSON = media.JSON.encode()
MOST_BYTES = HIGH_WATER_LIMIT  # of a body: beyond, uvicorn stops reading until the application asks for more


class Direct:
    """Makes the cycles of one worker."""

    def __init__(self, engine: Engine) -> None:
        """Answer with the engine's model."""
        self.engine = engine
        self._lines: Any = None  # uvicorn's own header lines, which it makes anew each second
        self._written = b""
        self._most = min(MOST_BYTES, engine.config.server.max_payload_bytes)
        self._heads = Heads()

    def own_headers(self, lines: list[tuple[bytes, bytes]]) -> bytes:
        """Write uvicorn's header lines."""
        if lines is not self._lines:
            self._lines = lines
            self._written = b"".join(b"%b: %b\r\n" % line for line in lines)
        return self._written

    def take(self, protocol: "LimitedProtocol") -> "Cycle | None":
        """Take a request whose head is complete, or None: it is the application's."""
        gathering, url, method = self.engine.gathering, protocol.url, protocol.parser.get_method()
        ping = url == b"/ping" and method == b"GET"
        if not ping and (gathering is None or url != b"/invocations" or method != b"POST"):
            return None
        busy = protocol.unanswered or protocol.flow.write_paused
        if busy or protocol.parser.get_http_version() != "1.1" or protocol.transport.is_closing():
            return None
        headers: dict[str, str] = {}
        for name, value in protocol.headers:
            noticed = NOTICED.get(name)
            if noticed:
                headers[noticed] = value.decode("latin-1")
            elif noticed is not None:
                return None
        length = headers.get("content-length", "")
        exchange = Exchange(method.decode(), url.decode(), headers, access.request_id(headers))
        keep_alive = protocol.parser.should_keep_alive()
        if ping:
            return None if length else Cycle(self, gathering, protocol, exchange, keep_alive)
        if gathering is None or not length.isdecimal() or int(length) > self._most or not gathering.takes(int(length)):
            return None
        if keep_alive and not access.has_id(headers):
            self._heads.keep(protocol.whole, Head(headers, int(length)))
        return Cycle(self, gathering, protocol, exchange, keep_alive)

    def take_again(self, protocol: "LimitedProtocol", data: bytes) -> "Cycle | None":
        """Take what has come where a request begins, if it is a whole one whose head was read before; see `heads`."""
        gathering, found = self.engine.gathering, self._heads.find(data)
        if found is None or gathering is None or not gathering.takes(found[0].length):
            return None
        if protocol.flow.write_paused or protocol.transport.is_closing():
            return None
        headers = found[0].headers.copy()  # the model's code gets them
        exchange = Exchange("POST", access.INVOCATIONS, headers, access.new_id())
        cycle = Cycle(self, gathering, protocol, exchange, keep_alive=True)
        cycle.body, cycle.more_body = found[1], False
        return cycle


class Cycle:
    """One request and its answer. uvicorn sets `more_body`, `disconnected` and `keep_alive`, fills `body`, and calls `set`."""

    def __init__(
        self,
        direct: Direct,
        gathering: "Gathering | None",
        protocol: "LimitedProtocol",
        exchange: Exchange,
        keep_alive: bool,  # noqa: FBT001 - as the parser says
    ) -> None:
        """Begin when the head is complete."""
        self._direct = direct
        self._engine = direct.engine
        self._gathering = gathering
        self._protocol = protocol
        self._call: Call | None = None
        self._stall: asyncio.TimerHandle | None = None
        self.exchange = exchange
        self.body = self._response = b""
        self.more_body = True
        self.disconnected = self.response_complete = False
        self.keep_alive = keep_alive
        self.scope: dict[str, Any] = {"state": {}}  # where the protocol leaves a refusal of its own
        access.began(self._engine.slot)

    @property
    def message_event(self) -> "Cycle":
        """What uvicorn sets; no attribute, for what refers to itself stays in memory until the garbage collector looks."""
        return self

    def set(self) -> None:
        """More of the request has arrived, or its client has gone."""
        if self.response_complete:
            return
        if self.disconnected:
            self._finish(self.scope["state"].get("refused") or errors.client_gone())
        elif not self.more_body and self._call is None:
            try:
                self._begin()
            except RequestError as refusal:
                self._refuse(refusal)

    def wait_for_body(self) -> None:
        """What was received ended amid the body: the rest has to follow soon."""
        if self._stall:
            self._stall.cancel()
        left = self.exchange.began + self._engine.config.server.timeout_seconds * ANSWER_SHARE - time.perf_counter()
        self._stall = self._protocol.loop.call_later(min(STALL_SECONDS, max(0.0, left)), self._stalled)

    def _begin(self) -> None:
        engine, exchange = self._engine, self.exchange
        if exchange.method == "GET" or self._gathering is None:
            engine.health.check()
            self._end(200, JSON, b"")
            self._send()
            return
        engine.guard.admit(engine.lane.running)
        if self._stall:
            self._stall.cancel()
        exchange.request_bytes, exchange.model = len(self.body), engine.config.model.name
        headers = exchange.headers
        context = Context.of_request(headers, exchange.request_id, exchange.model)
        invocation = Invocation(self.body, headers.get("content-type", ""), headers.get("accept", ""), context)
        self.body = b""
        self._call = Call(invocation, self._answer)
        self._gathering.put(self._call)

    def _answer(self, answer: "Answer") -> Send:
        """End the request; what comes back sends the answer."""
        if self._call:
            self.exchange.queue_seconds = self._call.queue_seconds
        try:
            if isinstance(answer, Reply):
                self._engine.health.succeeded()
                self.exchange.rows, self.exchange.timings = answer.rows, answer.timings
                self._end(200, answer.content_type.encode("latin-1", "replace"), answer.body)
            else:
                self._engine.health.failed(answer)
                self._end_refused(answer)
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not keep others of the batch from their answers
            logs.error("answer_failed", **errors.trace(errors.internal(error)))
            return self._protocol.transport.abort
        return self._send

    def _refuse(self, refusal: RequestError) -> None:
        self._end_refused(refusal)
        self._send()

    def _stalled(self) -> None:
        if not self.response_complete:
            self._refuse(errors.body_stalled())

    def _end_refused(self, refusal: RequestError) -> None:
        self.exchange.error = refusal
        more = b"" if refusal.retry_after is None else b"retry-after: %d\r\n" % refusal.retry_after
        if refusal.status in errors.CLOSING:
            self.keep_alive = False
        self._end(refusal.status, JSON, refusal.json(), more)

    def _end(self, status: int, content_type: bytes, body: bytes, more: bytes = b"") -> None:
        exchange = self.exchange
        exchange.status, exchange.response_bytes = status, len(body)
        own = self._direct.own_headers(self._protocol.server_state.default_headers)
        closing = b"" if self.keep_alive else b"connection: close\r\n"
        self._response = b"%b%bcontent-type: %b\r\n%bcontent-length: %d\r\nx-request-id: %b\r\n%b\r\n%b" % (
            *(STATUS_LINE[status], own, content_type, more, len(body)),
            *(exchange.request_id.encode(), closing, body),
        )
        self._finish(None)

    def _send(self) -> None:
        self._protocol.transport.write(self._response)
        if not self.keep_alive:
            self._protocol.close()
        self._protocol.on_response_complete()

    def _finish(self, error: RequestError | None) -> None:
        self.response_complete = True
        if self._stall:
            self._stall.cancel()
        if self._call:
            self._call.leave()
        self.exchange.error = error or self.exchange.error
        access.ended(self.exchange, self._engine.slot)
