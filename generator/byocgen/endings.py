"""Line ends: a text that git checked out with carriage returns is still the text that was committed.

Rules: byocgen writes line feeds. Where every line of a file ends in carriage return and line feed (`core.autocrlf`), the
file counts as its text with line feeds, and what takes its place has carriage returns too. A mixture is an edit.
"""

from __future__ import annotations

_BINARY = 8000
"""Bytes in which git looks for a NUL before it takes a file for a text."""


def unix(content: bytes) -> bytes:
    """Return a text with line feeds alone where all its lines end in both; anything else as it is."""
    return content.replace(b"\r\n", b"\n") if _returns(content) else content


def like(content: bytes, model: bytes | None) -> bytes:
    """Return `content`, which has line feeds, with the line ends of `model`."""
    if model is None or not _returns(model) or b"\r" in content or b"\0" in content[:_BINARY]:
        return content
    return content.replace(b"\n", b"\r\n")


def _returns(content: bytes) -> bool:
    pairs = content.count(b"\r\n")
    return pairs > 0 and pairs == content.count(b"\n") == content.count(b"\r") and b"\0" not in content[:_BINARY]
