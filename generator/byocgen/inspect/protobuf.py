"""The wire form of Protocol Buffers: numbered fields, read where they lie, one message at a time.

Rules: a message is a part of the file, and so is a text in it; nothing is read before it is asked for. The encoding is that
of protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from byocgen.inspect.damage import ENDS_EARLY, INLINE, Damaged

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the file: a message, a text, or bytes."""

    file: io.BufferedReader
    start: int
    end: int

    def text(self) -> str:
        """Read it as a text; of a very long one the first part."""
        self.file.seek(self.start)
        return self.file.read(min(self.end - self.start, INLINE)).decode("utf-8", "replace")

    def fields(self) -> Iterator[tuple[int, int | Part]]:
        """Give each field's number with its value: a whole number, or a part. Raises Damaged."""
        at = self.start
        while at < self.end:
            self.file.seek(at)
            tag = self._varint()
            number, wire = tag >> 3, tag & 7
            if wire == 0:
                value: int | Part = self._varint()
                at = self.file.tell()
            elif wire == 2:
                length = self._varint()
                start = self.file.tell()
                at = start + length
                value = Part(self.file, start, at)
            elif wire in (1, 5):
                at = self.file.tell() + (8 if wire == 1 else 4)
                value = 0
            else:
                raise Damaged("it is no Protocol Buffers message")
            if number == 0 or at > self.end:
                raise Damaged(ENDS_EARLY if number else "it is no Protocol Buffers message")
            yield number, value

    def packed(self) -> Iterator[int]:
        """Read it as whole numbers in a row."""
        self.file.seek(self.start)
        while self.file.tell() < self.end:
            yield self._varint()

    def _varint(self) -> int:
        value = shift = 0
        while shift < 70:
            byte = self.file.read(1)
            if not byte:
                raise Damaged(ENDS_EARLY)
            value |= (byte[0] & 0x7F) << shift
            if byte[0] < 0x80:
                return value
            shift += 7
        raise Damaged("it is no Protocol Buffers message")
