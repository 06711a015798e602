"""UBJSON (draft 12, as XGBoost writes it) as a stream of values, like `json_events`.

Rules: a typed list is passed over by its length; nothing else may be longer than what is kept of a text.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from byocgen.inspect.damage import ENDS_EARLY, INLINE, Damaged
from byocgen.inspect.json_events import DEPTH, KEPT, Path, Run

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

_NUMBERS = {b"i": ">b", b"U": ">B", b"I": ">h", b"l": ">i", b"L": ">q", b"d": ">f", b"D": ">d"}
_WORDS = {b"Z": None, b"T": True, b"F": False, b"N": None}


def events(file: io.BufferedReader, size: int) -> Iterator[tuple[Path, Any]]:
    """Give each value with its path. Raises Damaged."""
    path: list[str | int] = []
    open_: list[tuple[bool, int | None]] = []
    """Of each container around: whether it is a list, and how many values are still to come where that is said."""
    while True:
        if open_ and open_[-1][1] == 0:
            open_.pop()
            path.pop()
        elif open_ and _peek(file) in (b"]", b"}") and open_[-1][1] is None:
            file.read(1)
            open_.pop()
            path.pop()
        else:
            if open_:
                is_list, left = open_[-1]
                open_[-1] = is_list, None if left is None else left - 1
                path[-1] = int(path[-1]) + 1 if is_list else _text(file)
            marker = _take(file, 1)
            if marker in (b"[", b"{"):
                form, count = _header(file)
                if form is not None:
                    yield tuple(path), _run(file, form, count or 0, size)
                else:
                    if len(path) >= DEPTH:
                        raise Damaged("it nests deeper than any model")
                    open_.append((marker == b"[", count))
                    path.append(-1)
                    continue
            else:
                yield tuple(path), _value(file, marker)
        if not open_:
            return


def _peek(file: io.BufferedReader) -> bytes:
    return file.peek(1)[:1]


def _take(file: io.BufferedReader, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise Damaged(ENDS_EARLY)
    return data


def _number(file: io.BufferedReader, marker: bytes) -> Any:
    form = _NUMBERS.get(marker)
    if form is None:
        raise Damaged("it is no UBJSON: a number is wanted")
    return struct.unpack(form, _take(file, struct.calcsize(form)))[0]


def _length(file: io.BufferedReader) -> int:
    length = _number(file, _take(file, 1))
    if not isinstance(length, int) or length < 0:
        raise Damaged("it is no UBJSON: a length is wanted")
    return length


def _text(file: io.BufferedReader) -> str:
    length = _length(file)
    if length > INLINE * 16:
        raise Damaged("it has a text that is longer than any model's")
    return _take(file, length).decode("utf-8", "replace")


def _value(file: io.BufferedReader, marker: bytes) -> Any:
    if marker in _WORDS:
        return _WORDS[marker]
    if marker in (b"S", b"H"):
        return _text(file)
    if marker == b"C":
        return _take(file, 1).decode("latin-1")
    return _number(file, marker)


def _header(file: io.BufferedReader) -> tuple[str | None, int | None]:
    """Read the type and the count that a container may begin with."""
    form = None
    if _peek(file) == b"$":
        marker = _take(file, 2)[1:]
        form = _NUMBERS.get(marker)
        if form is None or _peek(file) != b"#":
            raise Damaged("it is no UBJSON: a list of an unknown type")
    if _peek(file) != b"#":
        return None, None
    _take(file, 1)
    return form, _length(file)


def _run(file: io.BufferedReader, form: str, count: int, size: int) -> Run:
    width = struct.calcsize(form)
    if count * width > size - file.tell():
        raise Damaged(ENDS_EARLY)
    some = min(count, KEPT // width)
    raw = _take(file, some * width)
    file.seek((count - some) * width, 1)
    return Run(count, raw, form)
