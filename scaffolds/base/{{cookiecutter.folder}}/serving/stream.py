"""Answers in pieces: server-sent events, JSON Lines, or plain text, each piece sent as soon as it is made.

    text/event-stream        data: PIECE, ...; at the end `event: end`, after a failure `event: error`
    application/jsonlines    PIECE a line, ...; after a failure a last line {"error": ...}
    text/plain, and bodies   the pieces as they are; after a failure RequestError, for only a connection cut short can
    that user code writes    tell of one

The first piece is made before anything is sent, so that what fails at once still gets a status of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from serving import errors, logs, media
from serving.calling import call
from serving.encoders import FAILURES, to_json
from serving.errors import RequestError
from serving.reply import Timings

END = object()


@dataclass(frozen=True, slots=True)
class Form:
    """How pieces are written; `error` is None where a failure has no form."""

    piece: Callable[[Any], bytes]
    end: bytes = b""
    error: Callable[[RequestError], bytes] | None = None


class Chunks(Iterator[bytes]):
    """The chunks of one answer. `close()` ends the work of whoever makes the pieces, also before the first chunk."""

    def __init__(self, function: str, pieces: Iterator[Any], form: Form, timings: Timings) -> None:
        """Make the first piece. Raises RequestError."""
        self._function = function
        self._pieces = pieces
        self._form = form
        self._timings = timings
        self._done = False
        try:
            self._first: bytes | None = self._make()
        except BaseException:
            self.close()
            raise

    def __next__(self) -> bytes:
        """Give the next chunk."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        if self._done:
            raise StopIteration
        try:
            chunk = self._make()
        except RequestError as refusal:
            self.close()
            logs.error("stream_failed", function=self._function, **refusal.logged())
            if self._form.error is None:
                raise
            return self._form.error(refusal)
        if not chunk:
            raise StopIteration
        return chunk

    def close(self) -> None:
        """Stop; the source gets GeneratorExit where it waits."""
        self._done = True
        close = getattr(self._pieces, "close", None)
        if close is not None:
            close()

    def _make(self) -> bytes:
        while True:  # a piece may be empty, which a chunk must not be
            piece = self._timings.predict(call, self._function, next, self._pieces, END)
            if piece is END:
                self._done = True
                return self._form.end
            chunk: bytes = self._timings.encode(self._written, piece)
            if chunk:
                return chunk

    def _written(self, piece: object) -> bytes:
        try:
            return self._form.piece(piece)
        except FAILURES as error:
            raise errors.unusable(self._function, "gave a piece that cannot be written") from error


def _raw(piece: object) -> bytes:
    if isinstance(piece, str):
        return piece.encode(errors="replace")
    if isinstance(piece, bytes | bytearray):
        return bytes(piece)
    raise TypeError(f"{type(piece).__name__} is no text")


def _line(value: object) -> bytes:
    return to_json(value) + b"\n"


RAW = Form(_raw)
FORMS = {
    media.EVENTS: Form(
        piece=lambda piece: b"data: " + to_json(piece) + b"\n\n",
        end=b"event: end\ndata: {}\n\n",
        error=lambda refusal: b"event: error\ndata: " + to_json(refusal.body()) + b"\n\n",
    ),
    media.JSON_LINES: Form(piece=_line, error=lambda refusal: _line(refusal.body())),
    media.TEXT: Form(lambda piece: _raw(piece) if isinstance(piece, str | bytes) else _line(piece)),
}
