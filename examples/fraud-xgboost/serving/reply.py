"""What comes back: a finished response, or one in pieces; and how long each step of it took."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, TypeVar

import msgspec

from serving import errors

Result = TypeVar("Result")


class Timings(msgspec.Struct):
    """Milliseconds that a request spent in each step, for the log."""

    decode_ms: float = 0.0
    predict_ms: float = 0.0
    encode_ms: float = 0.0
    together: int = 1  # requests that the prediction was made for

    def decode(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Do a part of the decoding and add its time."""
        began = perf_counter()
        try:
            return work(*arguments)
        finally:
            self.decode_ms += (perf_counter() - began) * 1000

    def predict(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Do a part of the prediction and add its time."""
        began = perf_counter()
        try:
            return work(*arguments)
        finally:
            self.predict_ms += (perf_counter() - began) * 1000

    def encode(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Do a part of the encoding and add its time."""
        began = perf_counter()
        try:
            return work(*arguments)
        finally:
            self.encode_ms += (perf_counter() - began) * 1000


class Reply(msgspec.Struct, frozen=True):
    """A finished response; `rows` is for the log, None when unknown."""

    body: bytes
    content_type: str
    rows: int | None = None
    timings: Timings = msgspec.field(default_factory=Timings)
    custom_attributes: str | None = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Streamed:
    """A response in pieces, each made when it is asked for. `chunks.close()` ends the work; `timings` grow with it."""

    chunks: Iterator[bytes]
    content_type: str
    rows: int | None = None
    timings: Timings = field(default_factory=Timings)
    custom_attributes: str | None = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


def body_of(function: str, result: object, accept: str) -> tuple[bytes, str]:
    """Take what output_fn or transform_fn returned: bytes or text, alone or with its type. Raises RequestError."""
    body, content_type = result if isinstance(result, tuple) and len(result) == 2 else (result, accept)
    if hasattr(body, "get_data") and hasattr(body, "mimetype"):  # a Response, as flask makes it
        body, content_type = body.get_data(), body.mimetype
    if isinstance(body, str):
        body = body.encode(errors="replace")
    if not isinstance(body, bytes | bytearray) or not _is_header(content_type):
        kind = type(result).__name__
        raise errors.unusable(function, f"returned {kind}; expected bytes or str, alone or with a content type")
    return bytes(body), content_type


def _is_header(content_type: object) -> bool:
    # What a header cannot hold would fail after the answer has begun.
    return isinstance(content_type, str) and content_type.isascii() and content_type.isprintable()
