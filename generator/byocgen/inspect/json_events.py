"""A JSON text of any size as a stream of values, each with the keys that lead to it.

Rules: memory does not grow with the text; a list of nothing but numbers is one `Run`, which is counted and not kept. It is
not for judging JSON: what it lets through may be no JSON, what it gives was in the text.
"""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from byocgen.inspect.damage import ENDS_EARLY, Damaged

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

DEPTH = 64
KEPT = 8192
"""Bytes of a list of numbers that are kept."""
_CHUNK = 256 * 1024
_TEXT_MAX = 1024 * 1024
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_NUMBERS = re.compile(rb"[-+0-9.eE,\s]*+")
_BEGINS = re.compile(rb"\[\s*+[-+0-9\]]")
_LOOK = 64
_WORD = re.compile(rb"[-+0-9.eEA-Za-z]+")
_SPACE = re.compile(rb"[\s,:]*+")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A list of numbers: how many, and the first of them as they stand in the file."""

    count: int
    raw: bytes = b""
    form: str = ""
    """Of struct; an empty text: they are JSON."""

    def first(self) -> list[float]:
        """Read the numbers that were kept."""
        if self.form:
            return list(struct.unpack(f">{len(self.raw) // struct.calcsize(self.form)}{self.form[1]}", self.raw))
        words = self.raw.split(b",")
        words = words[:-1] if len(self.raw) >= KEPT else words
        try:
            return [float(word) for word in words]
        except ValueError:
            return []


def events(file: io.BufferedReader) -> Iterator[tuple[Path, Any]]:
    """Give each value with its path.

    Raises:
        Damaged: the text is no JSON, or ends early.
    """
    text = _Text(file)
    path: list[str | int] = []
    lists: list[bool] = []
    """Whether each container around is a list."""
    while True:
        mark = text.next()
        if mark in (b"}", b"]"):
            _close(text, path, lists)
        else:
            if lists:
                path[-1] = int(path[-1]) + 1 if lists[-1] else text.string()
                mark = text.next()
            run = text.run() if mark == b"[" else None
            if run is not None:
                yield tuple(path), run
            elif mark in (b"{", b"["):
                _open(text, path, lists)
            else:
                yield tuple(path), text.string() if mark == b'"' else text.word()
        if not lists:
            return


def _open(text: _Text, path: list[str | int], lists: list[bool]) -> None:
    if len(path) >= DEPTH:
        raise Damaged("it nests deeper than any model")
    lists.append(text.take() == b"[")
    path.append(-1)


def _close(text: _Text, path: list[str | int], lists: list[bool]) -> None:
    if not lists or lists.pop() is not (text.take() == b"]"):
        raise Damaged("it is no JSON: a bracket closes what was not open")
    path.pop()


class _Text:
    """The part of a text that is being read."""

    def __init__(self, file: io.BufferedReader) -> None:
        self.file, self.data, self.at = file, b"", 0

    def more(self) -> bool:
        """Read on; False at the end."""
        added = self.file.read(_CHUNK)
        self.data = self.data[self.at :] + added
        self.at = 0
        return bool(added)

    def next(self) -> bytes:
        """Pass over spaces, commas and colons and look at what follows."""
        while True:
            found = _SPACE.match(self.data, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.data):
                return self.data[self.at : self.at + 1]
            if not self.more():
                raise Damaged(ENDS_EARLY)

    def take(self) -> bytes:
        """Pass over one character and return it."""
        self.at += 1
        return self.data[self.at - 1 : self.at]

    def string(self) -> str:
        """Read a text."""
        while True:
            found = _STRING.match(self.data, self.at)
            if found:
                self.at = found.end()
                try:
                    return str(json.loads(found[0], strict=False))
                except ValueError as error:
                    raise Damaged("it is no JSON: a text in it is broken") from error
            if len(self.data) - self.at > _TEXT_MAX or self.data[self.at : self.at + 1] != b'"':
                raise Damaged("it is no JSON: a text is wanted")
            if not self.more():
                raise Damaged(ENDS_EARLY)

    def word(self) -> Any:
        """Read a number, true, false or null."""
        if len(self.data) - self.at < 64:
            self.more()
        found = _WORD.match(self.data, self.at)
        try:
            value = json.loads(found[0]) if found and len(found[0]) < 64 else ...
        except ValueError:
            value = ...
        if found is None or value is ...:
            raise Damaged("it is no JSON: a value is wanted")
        self.at = found.end()
        return value

    def run(self) -> Run | None:
        """Pass over a list of numbers; None, and nothing passed, where it holds something else."""
        while len(self.data) - self.at < _LOOK and self.more():
            pass
        if not _BEGINS.match(self.data, self.at):
            return None
        self.at += 1
        first, commas = b"", 0
        while True:
            found = _NUMBERS.match(self.data, self.at)
            part = found[0] if found else b""
            first = first or part[:KEPT]
            commas += part.count(b",")
            self.at += len(part)
            if self.at < len(self.data):
                break
            if not self.more():
                raise Damaged(ENDS_EARLY)
        if self.take() != b"]":
            raise Damaged("it is no JSON: a list of numbers holds something else")
        return Run(commas + 1, first) if first.strip() else Run(0)
