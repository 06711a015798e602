"""Bytes of an artifact, wherever they lie: a file, a part of one, a compressed stream. Each is a seekable raw file.

Rules: reading only; nothing is unpacked to disk. A compressed stream seeks by unpacking on, or again from its start, and
remembers the blocks it passed last, so that the directory at the end of a zip in a tar.gz is not unpacked twice.
"""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

from byocgen.inspect.damage import ENDS_EARLY, EXPANSION, UNPACKED, Damaged, TooLong

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_BLOCK = 256 * 1024
_REMEMBERED = 32
_LZMA_MEMORY = 128 * 1024 * 1024
"""xz -9 wants 65 MiB to unpack."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def _zlib(bits: int) -> Callable[[], _Decompressor]:
    return lambda: zlib.decompressobj(bits)


def _lzma(form: int) -> Callable[[], _Decompressor]:
    return lambda: lzma.LZMADecompressor(form, memlimit=_LZMA_MEMORY)


_KINDS: tuple[tuple[bytes, str, Callable[[], _Decompressor] | None], ...] = (
    (b"\x1f\x8b\x08", "gzip", _zlib(31)),
    (b"BZh", "bzip2", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", "xz", _lzma(lzma.FORMAT_XZ)),
    (b"\x5d\x00\x00", "lzma", _lzma(lzma.FORMAT_ALONE)),
    (b"\x04\x22\x4d\x18", "lz4", None),
    (b"\x28\xb5\x2f\xfd", "zstd", None),
    (b"\x78\x01", "zlib", _zlib(15)),
    (b"\x78\x5e", "zlib", _zlib(15)),
    (b"\x78\x9c", "zlib", _zlib(15)),
    (b"\x78\xda", "zlib", _zlib(15)),
)


def opened(path: Path, most: int | None) -> io.BufferedReader:
    """Open a file for reading, of which `most` bytes are read (None: all). Raises OSError."""
    return io.BufferedReader(io.FileIO(path) if most is None else Metered(path, most))


def size_of(file: io.BufferedReader) -> int:
    """Tell how many bytes there are; the position stays."""
    here = file.tell()
    end = file.seek(0, io.SEEK_END)
    file.seek(here)
    return end


def compression(head: bytes) -> str:
    """Name the compression that a file begins with; an empty text: none."""
    return next((name for magic, name, _ in _KINDS if head.startswith(magic)), "")


def unpacked(file: io.BufferedReader) -> io.BufferedReader:
    """Return what a compressed file holds. Raises Damaged where there is no decompressor for it."""
    file.seek(0)
    head = file.peek(8)[:8]
    name, make = next((name, make) for magic, name, make in _KINDS if head.startswith(magic))
    if make is None:
        hint = "dump it with compress=3, or uncompressed" if name == "lz4" else "unpack it first"
        raise Damaged(f"it is compressed with {name}, which Python's standard library does not unpack; {hint}")
    return io.BufferedReader(Unpacked(file, name, make), _BLOCK)


def window(file: io.BufferedReader, offset: int, size: int) -> io.BufferedReader:
    """Return a part of a file as a file."""
    return io.BufferedReader(Window(file, offset, size))


class Metered(io.FileIO):
    """A file of which only so much is read, wherever in it."""

    def __init__(self, path: Path, most: int) -> None:
        """Nothing is read yet."""
        super().__init__(path)
        self._left = most

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        count = super().readinto(buffer)
        self._left -= count
        if self._left < 0:
            raise TooLong("it takes longer to read than there is time")
        return count


class _Raw(io.RawIOBase):
    """What a raw file needs beside reading."""

    position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.position}.get(whence)
        self.position = (self.length() if start is None else start) + offset
        if self.position < 0:
            raise Damaged("it points in front of its own beginning")
        return self.position

    def length(self) -> int:
        """Tell how many bytes there are."""
        raise NotImplementedError

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = self.part(self.position, len(buffer))
        buffer[: len(data)] = data
        self.position += len(data)
        return len(data)

    def part(self, offset: int, count: int) -> bytes:
        """Read up to `count` bytes."""
        raise NotImplementedError


class Window(_Raw):
    """Bytes `offset` to `offset + size` of another file."""

    def __init__(self, file: io.BufferedReader, offset: int, size: int) -> None:
        """Nothing is read yet."""
        super().__init__()
        self._file, self._offset, self._size = file, offset, size

    def length(self) -> int:
        return self._size

    def part(self, offset: int, count: int) -> bytes:
        self._file.seek(self._offset + offset)
        return self._file.read(max(0, min(count, self._size - offset)))


class Unpacked(_Raw):
    """What a compressed file holds, as far as it was asked for."""

    def __init__(self, file: io.BufferedReader, name: str, make: Callable[[], _Decompressor]) -> None:
        """Nothing is read yet."""
        super().__init__()
        self._file, self._name, self._make = file, name, make
        self._packed_size = size_of(file)
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._rewind()

    def _rewind(self) -> None:
        self._file.seek(0)
        self._unpacker = self._make()
        self._rest = b""
        self._next = 0
        self._ended = False

    def length(self) -> int:
        while not self._ended:
            self._unpack_block()
        last = next(reversed(self._blocks.items()), (0, b""))
        return last[0] * _BLOCK + len(last[1])

    def part(self, offset: int, count: int) -> bytes:
        number, start = divmod(offset, _BLOCK)
        return self._block(number)[start : start + count]

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            if number < self._next:
                self._rewind()
            while self._next <= number and not self._ended:
                self._unpack_block()
        return self._blocks.get(number, b"")

    def _unpack_block(self) -> None:
        """Unpack the next block and remember it; a shorter one is the last."""
        parts, missing = [], _BLOCK
        while missing and not self._ended:
            data = self._decompress(missing)
            parts.append(data)
            missing -= len(data)
        self._blocks[self._next] = b"".join(parts)
        self._next += 1
        if len(self._blocks) > _REMEMBERED:
            self._blocks.popitem(last=False)
        allowed = UNPACKED + self._packed_size * EXPANSION
        if self._next * _BLOCK > allowed:
            raise Damaged(f"it unpacks to more than {allowed >> 20} MiB, which no model does")

    def _decompress(self, most: int) -> bytes:
        if self._unpacker.eof:
            following = self._unpacker.unused_data or self._file.read(_BLOCK)
            self._ended = not following.strip(b"\0")
            self._unpacker, self._rest = self._make(), following
            return b""
        tail = getattr(self._unpacker, "unconsumed_tail", b"") or self._rest
        self._rest = b""
        if not tail and getattr(self._unpacker, "needs_input", True):
            tail = self._file.read(_BLOCK)
            if not tail:
                raise Damaged(ENDS_EARLY)
        try:
            return self._unpacker.decompress(tail, most)
        except (zlib.error, lzma.LZMAError, OSError, ValueError) as error:
            raise Damaged(f"its {self._name} compression is broken ({error})") from error
