"""Requests that offer another protocol (`Upgrade: h2c`), which nothing here speaks: answered as HTTP/1.1, body and all.

httptools takes what follows the headers of such a request for the other protocol and stops. A second parser, told of
the body's length only, reads it instead.
"""

from typing import Protocol

import httptools

FRAMING = {b"content-length", b"transfer-encoding"}


class Reader(Protocol):
    """Where the body goes: a connection's protocol."""

    def on_body(self, body: bytes) -> None:
        """Take a piece."""

    def on_message_complete(self) -> None:
        """Take the end."""


class Rest:
    """Hands on what follows the head, and nothing of the head that the second parser was told."""

    def __init__(self, reader: Reader) -> None:
        """`reader` gets the body."""
        self.on_body = reader.on_body
        self.on_message_complete = reader.on_message_complete


def has_body(headers: list[tuple[bytes, bytes]]) -> bool:
    """Tell whether a body follows the head; header names are in lower case."""
    return any(name in FRAMING and value != b"0" for name, value in headers)


def body_parser(reader: Reader, headers: list[tuple[bytes, bytes]]) -> "httptools.HttpRequestParser":
    """Give a parser that stands before the body of a request with these headers. Raises HttpParserError."""
    parser = httptools.HttpRequestParser(Rest(reader))
    head = b"".join(name + b": " + value + b"\r\n" for name, value in headers if name in FRAMING)
    parser.feed_data(b"POST / HTTP/1.1\r\n" + head + b"\r\n")
    return parser
