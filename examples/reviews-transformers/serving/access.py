"""The access log: one line for every request but pings, with latency, sizes and what the platform sent along.

An ASGI application around the real one, so that every answer passes here, whoever gives it. Handlers leave what only
they know (size of the body, rows, the error) in the request's `Exchange`. Never the payload: of a refusal that repeats
a value, the place; of an exception, the type and the frames (its text at SM_LOG_LEVEL=debug, see `errors`).
"""

import random
import re
import time
from typing import TYPE_CHECKING

import msgspec

from serving import errors, logs
from serving.board import ROUTES, Slot
from serving.context import CUSTOM_ATTRIBUTES, INFERENCE_ID
from serving.errors import RequestError
from serving.reply import Timings

if TYPE_CHECKING:  # importing it takes as long as all else together, see `application`
    from litestar.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_IDS = ("x-amzn-requestid", INFERENCE_ID)  # whose value becomes ours, if it is fit to be repeated
SANE_ID = re.compile(r"[A-Za-z0-9._:/=+-]{1,128}")
MAX_HEADER = 1024  # the platform's own bound for custom attributes
SERVER_ERROR = 500
INVOCATIONS = "/invocations"


class Exchange(msgspec.Struct):
    """What is known of a request, filled in as it goes."""

    method: str
    path: str
    headers: dict[str, str]
    request_id: str
    began: float = msgspec.field(default_factory=time.perf_counter)
    status: int = 0
    response_bytes: int = 0
    request_bytes: int | None = None
    rows: int | None = None
    chunks: int | None = None
    model: str | None = None
    queue_seconds: float | None = None
    timings: Timings | None = None
    error: RequestError | None = None


class Line(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The line for a request: what it has, in this order."""

    time: str = ""
    level: str = ""
    pid: int = 0
    event: str = ""
    request_id: str
    method: str
    path: str
    status: int
    latency_ms: float
    model: str | None = None
    rows: int | None = None
    request_bytes: int | None = None
    response_bytes: int
    chunks: int | None = None
    queue_ms: float | None = None
    decode_ms: float | None = None
    predict_ms: float | None = None
    encode_ms: float | None = None
    together: int = 1  # requests that its prediction was made for
    inference_id: str | None = None
    custom_attributes: str | None = None
    error: str | None = None
    message: str | None = None
    where: str | None = None
    exception: str | None = None


def with_access_log(app: "ASGIApp", slot: Slot) -> "ASGIApp":
    """Wrap `app`; count in `slot`."""

    async def logged(scope: "Scope", receive: "Receive", send: "Send") -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        exchange = Exchange(scope["method"], scope["path"], headers, request_id(headers))  # type: ignore[typeddict-item]
        scope["state"]["exchange"] = exchange
        identity = (b"x-request-id", exchange.request_id.encode())

        async def counted(message: "Message") -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                message["headers"] = [*message["headers"], identity]
            elif message["type"] == "http.response.body":
                exchange.response_bytes += len(message["body"])
            await send(message)

        began(slot)
        try:
            await app(scope, receive, counted)
        finally:
            exchange.error = scope["state"].get("refused") or exchange.error
            ended(exchange, slot)

    return logged


def refused(error: RequestError, slot: Slot) -> None:
    """Log and count what never became a request."""
    slot.count("other", error.status)
    logs.info("request", status=error.status, **error.logged())


def has_id(headers: dict[str, str]) -> bool:
    """Tell whether a request came with an id, fit to be repeated or not."""
    return any(name in headers for name in REQUEST_IDS)


def request_id(headers: dict[str, str]) -> str:
    """Give the id of a request: one that it came with, or a new one."""
    for name in REQUEST_IDS:
        if (given := headers.get(name)) and SANE_ID.fullmatch(given):
            return given
    return new_id()


def new_id() -> str:
    """Make an id that no other request has."""
    return f"{random.getrandbits(128):032x}"


def began(slot: Slot) -> None:
    """Count a request that is to be answered; `ended` follows."""
    slot.add("in_flight", 1)


def ended(exchange: Exchange, slot: Slot) -> None:
    """Count and log a request whose answer has been sent, or will not be."""
    slot.add("in_flight", -1)
    error = exchange.error
    # An answer that was begun and not finished counts by what went wrong, like one that was never begun.
    status = error.status if error else exchange.status
    seconds = time.perf_counter() - exchange.began
    slot.count(route(exchange.path), status)
    if exchange.timings:
        slot.observe(total=seconds, queue=exchange.queue_seconds or 0.0, predict=exchange.timings.predict_ms / 1000)
    elif exchange.path == INVOCATIONS:
        slot.observe(total=seconds)
    if exchange.path != "/ping":
        failed = error is not None and status >= SERVER_ERROR and error.__cause__ is not None
        logs.request(_line(exchange, status, seconds), failed=failed)


def route(path: str) -> str:
    """Give the route of a path, for the metrics."""
    if path in ROUTES:
        return path
    first = "/" + path.split("/", 2)[1] if path.startswith("/") else path
    return first if first in ROUTES else "other"


def _line(exchange: Exchange, status: int, seconds: float) -> Line:
    line = Line(
        request_id=exchange.request_id,
        method=exchange.method,
        path=exchange.path,
        status=status,
        latency_ms=round(seconds * 1000, 3),
        model=exchange.model,
        rows=exchange.rows,
        request_bytes=exchange.request_bytes,
        response_bytes=exchange.response_bytes,
        chunks=exchange.chunks,
    )
    if exchange.queue_seconds is not None:
        line.queue_ms = round(exchange.queue_seconds * 1000, 3)
    if timings := exchange.timings:
        line.decode_ms = round(timings.decode_ms, 3)
        line.predict_ms = round(timings.predict_ms, 3)
        line.encode_ms = round(timings.encode_ms, 3)
        line.together = timings.together
    headers = exchange.headers
    if INFERENCE_ID in headers:
        line.inference_id = headers[INFERENCE_ID][:MAX_HEADER]
    if CUSTOM_ATTRIBUTES in headers:
        line.custom_attributes = headers[CUSTOM_ATTRIBUTES][:MAX_HEADER]
    if exchange.error:
        for name, value in {**exchange.error.logged(), **errors.trace(exchange.error)}.items():
            setattr(line, name, value)
    return line
