"""HTTP as the platform speaks it, seen closely: one connection a request, every second counted, nothing retried."""

from __future__ import annotations

import contextlib
import http.client
import select
import socket
import struct
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Headers = Sequence[tuple[str, str]]

PIECE = 65536
LONGEST_SHOWN = 160  # characters of an answer that a report repeats


class NoAnswerError(Exception):
    """There was no HTTP answer; `str(error)` says what happened instead."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response. `connected` and `seconds` are counted from the start; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    connected: float
    seconds: float

    @property
    def media_type(self) -> str:
        """Give the content type without parameters, "" if there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def __str__(self) -> str:
        """Give status and the body's beginning."""
        return f"{self.status} {shown(self.body)}".rstrip()


Outcome = Answer | NoAnswerError


def shown(body: bytes) -> str:
    """Give the beginning of a body as harmless text."""
    text = body[: 4 * LONGEST_SHOWN].decode(errors="replace")
    text = "".join(char if char.isprintable() else " " for char in text)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."


@dataclass(frozen=True, slots=True)
class Wire:
    """An address where a server should listen; `prefix` stands before every path."""

    host: str
    port: int
    prefix: str = ""

    def __str__(self) -> str:
        """Give it as a URL."""
        return f"http://{self.host}:{self.port}{self.prefix}"

    def connect(self, timeout: float) -> socket.socket:
        """Open a connection. Raises NoAnswerError."""
        try:
            return socket.create_connection((self.host, self.port), timeout)
        except TimeoutError:
            raise NoAnswerError(f"no connection within {timeout:g} s") from None
        except OSError as error:
            raise NoAnswerError(f"no connection: {error.strerror or error}") from None

    def head(self, method: str, path: str, headers: Headers, size: int | None) -> bytes:
        """Give a request's first bytes, up to its body of `size` bytes."""
        length = [] if size is None else [("Content-Length", str(size))]
        lines = [f"{method} {self.prefix}{path} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        lines += [f"{name}: {value}" for name, value in [*headers, *length]]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Headers = (), timeout: float = 60.0
    ) -> Answer:
        """Send one request on a connection of its own. Raises NoAnswerError."""
        began = time.monotonic()
        with contextlib.closing(self.connect(timeout)) as connection:
            connected = time.monotonic() - began
            data = self.head(method, path, headers, None if body is None else len(body))
            send(connection, data, began + timeout)
            if body:
                send(connection, body, began + timeout)
            response = receive(connection, method, began + timeout)
            content = b"".join(pieces(response, connection, began + timeout))
            return answer(response, content, connected, time.monotonic() - began)

    def outcome(
        self, method: str, path: str, body: bytes | None = None, headers: Headers = (), timeout: float = 60.0
    ) -> Outcome:
        """Do the same, and give the error as a value."""
        try:
            return self.ask(method, path, body, headers, timeout)
        except NoAnswerError as error:
            return error


def send(connection: socket.socket, data: bytes, deadline: float) -> None:
    """Send bytes, and stop where the server answers or hangs up before it has read all. Raises NoAnswerError."""
    view = memoryview(data)
    while view:
        left = deadline - time.monotonic()
        if left <= 0:
            raise NoAnswerError("the server did not read the request in time")
        readable, writable, _ = select.select([connection], [connection], [], left)
        if readable:
            return
        if writable:
            connection.settimeout(left)
            try:
                view = view[connection.send(view[:PIECE]) :]
            except OSError:
                return  # what the server said before it hung up is still to be read


def receive(connection: socket.socket, method: str, deadline: float) -> http.client.HTTPResponse:
    """Read a response up to its body. Raises NoAnswerError."""
    response = http.client.HTTPResponse(connection, method=method)
    began = time.monotonic()
    try:
        connection.settimeout(max(0.001, deadline - began))
        response.begin()
    except TimeoutError:
        response.close()
        raise NoAnswerError(f"no answer within {deadline - began:.3g} s") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        response.close()
        raise NoAnswerError(_said(error)) from None
    return response


def pieces(response: http.client.HTTPResponse, connection: socket.socket, deadline: float) -> Iterator[bytes]:
    """Read a body piece by piece, as it arrives. Raises NoAnswerError."""
    try:
        while True:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            piece = response.read1(PIECE)
            if not piece:
                break
            yield piece
    except TimeoutError:
        raise NoAnswerError("the answer did not end in time") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswerError(f"the answer broke off: {_said(error)}") from None
    finally:
        response.close()


def answer(response: http.client.HTTPResponse, body: bytes, connected: float, seconds: float) -> Answer:
    """Put an answer together. Raises NoAnswerError for one that is shorter than announced."""
    if response.length:  # read1 ends in silence where the connection does
        raise NoAnswerError(f"the answer broke off, {response.length} bytes were still to come")
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, body, connected, seconds)


def hang_up(connection: socket.socket) -> None:
    """Close at once, with a reset, as a client does that crashed."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _said(error: Exception) -> str:
    if isinstance(error, http.client.RemoteDisconnected | ConnectionResetError | BrokenPipeError):
        return "the connection was closed without an answer"
    if isinstance(error, http.client.IncompleteRead):
        return "the connection was closed too early"
    return f"the answer was no HTTP ({type(error).__name__})"
