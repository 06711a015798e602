"""Several files together: a folder, or what a tar archive holds. Each file by its path, opened when it is asked for.

Rules: nothing of an archive is written to disk, so that a name in it that climbs out of a folder reaches nothing; a link in
one is passed over. Headers are those of POSIX ustar and pax, and of GNU tar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from byocgen.inspect.damage import ENDS_EARLY, INLINE, Damaged
from byocgen.inspect.files import opened, window

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterator
    from pathlib import Path

_RECORD = 512
_FILES = 20_000
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Tree:
    """Files by their paths below the root."""

    sizes: dict[str, int]
    opener: Callable[[str], io.BufferedReader]

    def below(self, folder: str) -> Tree:
        """Return the files of one folder, by their paths in it; an empty text is the root."""
        if not folder:
            return self
        inside = {
            path.removeprefix(f"{folder}/"): size for path, size in self.sizes.items() if path.startswith(f"{folder}/")
        }
        return Tree(inside, lambda path: self.opener(f"{folder}/{path}"))


def folder(root: Path, most: int | None) -> Tree:
    """Return the files of a folder, of each of which `most` bytes are read. Raises Damaged where there are too many; OSError."""
    sizes: dict[str, int] = {}
    waiting = [(root, 0)]
    while waiting:
        here, depth = waiting.pop()
        for path in sorted(here.iterdir()):
            if path.is_file():
                sizes[path.relative_to(root).as_posix()] = path.stat().st_size
            elif path.is_dir() and not path.is_symlink() and depth < _DEPTH:
                waiting.append((path, depth + 1))
            if len(sizes) + len(waiting) > _FILES:
                raise Damaged(f"it has more than {_FILES:,} files: name the model itself")
    return Tree(sizes, lambda path: opened(root / path, most))


def is_tar(head: bytes) -> bool:
    """Whether a file begins with a tar header."""
    return head[257:262] == b"ustar"


def tar(file: io.BufferedReader) -> Tree:
    """Return the files of a tar archive. Raises Damaged."""
    places: dict[str, tuple[int, int]] = {}
    for path, offset, size in _members(file):
        places[path] = offset, size
        if len(places) > _FILES:
            raise Damaged(f"it has more than {_FILES:,} files")
    return Tree({path: size for path, (_, size) in places.items()}, lambda path: window(file, *places[path]))


def _members(file: io.BufferedReader) -> Iterator[tuple[str, int, int]]:
    """Give the path, the place and the size of each plain file."""
    at, long_name, long_size = 0, "", None
    while True:
        file.seek(at)
        header = file.read(_RECORD)
        if not header.strip(b"\0"):
            return
        if len(header) < _RECORD:
            raise Damaged(ENDS_EARLY)
        size = _number(header[124:136])
        kind, start = header[156:157], at + _RECORD
        at = start + -(-size // _RECORD) * _RECORD
        if kind in (b"L", b"x"):
            if size > INLINE:
                raise Damaged("it has a name that is longer than any file's")
            text = file.read(size)
            if kind == b"L":
                long_name = _text(text)
            else:
                name, given = _pax(text)
                long_name, long_size = name or long_name, given
            continue
        if kind in (b"0", b"\0", b"7", b""):
            size = size if long_size is None else long_size
            at = start + -(-size // _RECORD) * _RECORD
            prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else ""
            name = long_name or "/".join(part for part in (prefix, _text(header[:100])) if part)
            yield name.removeprefix("./").lstrip("/"), start, size
        if kind not in (b"g", b"K"):
            long_name, long_size = "", None


def _text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("utf-8", "replace")


def _number(field: bytes) -> int:
    """Read an octal number, or one of base 256 where it begins with 0x80."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b"\0 ")
    if digits and not all(48 <= digit < 56 for digit in digits):
        raise Damaged("it is a broken tar archive")
    return int(digits or b"0", 8)


def _pax(text: bytes) -> tuple[str, int | None]:
    """Read the path and the size of a pax header: records of `LENGTH key=value` and a line end."""
    name, size = "", None
    while text:
        length, _, _ = text.partition(b" ")
        if not length.isdigit() or not len(length) < int(length[:9]) <= len(text):
            raise Damaged("it is a broken tar archive")
        record, text = text[len(length) + 1 : int(length) - 1], text[int(length) :]
        key, _, value = record.partition(b"=")
        if key == b"path":
            name = _text(value)
        elif key == b"size" and value.isdigit() and len(value) < 19:
            size = int(value)
    return name, size
