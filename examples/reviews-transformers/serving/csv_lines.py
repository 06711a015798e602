"""CSV bodies by line: cut into blocks between records, and read into cells by Python's csv module.

A body without quotes can be cut at any line end. With quotes a cell may span lines, so the csv module itself has to
find the records; that is slower, and holds as little at a time.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from serving import errors
from serving.jsonl_body import cut_lines
from serving.settings import LARGEST_BATCH_PAYLOAD_MB, MIB

BLOCK_RECORDS = 4096
csv.field_size_limit(LARGEST_BATCH_PAYLOAD_MB * MIB)  # a cell may be as long as a body; Python's own limit is 128 KiB


class Line(NamedTuple):
    """The cells of a record and the number of its last line in the body, from 1."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Block:
    """Some records of a body: as text, which is read when its cells are asked for, or as cells already."""

    number: int
    text: bytes | None = None
    read: tuple[Line, ...] = ()

    def lines(self) -> list[Line]:
        """Give the records, blank ones left out. Raises RequestError."""
        return list(self.read) if self.text is None else list(_records(self.text, self.number))


def cut(body: bytes) -> Iterator[Block]:
    """Cut a body into blocks of records. Raises RequestError where it is no CSV."""
    if b'"' not in body and body.count(b"\r") == body.count(b"\r\n"):
        for number, text in cut_lines(body):
            yield Block(number, text)
        return
    records = _records(body, 1)
    while read := tuple(islice(records, BLOCK_RECORDS)):
        yield Block(read[0].number, read=read)


def path(line: Line, place: int, name: str) -> str:
    """Name a cell of a line."""
    return f"line {line.number}, column {place + 1}" + (f" ({name})" if name else "")


def _records(text: bytes, number: int) -> Iterator[Line]:
    # A reader that decodes as it goes: the body is never there a second time as one string.
    stream = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8-sig", newline="")
    reader = csv.reader(stream, strict=True)
    try:
        for cells in reader:
            if len(cells) > 1 or (cells and cells[0].strip()):
                yield Line(number - 1 + reader.line_num, cells)
    except UnicodeDecodeError:
        raise errors.bad_body(f"the body is not UTF-8: bad byte at position {_bad_byte(text)}") from None
    except csv.Error as error:
        where = number - 1 + reader.line_num
        raise errors.bad_body(f"the body is not CSV: {error} at line {where}") from None


def _bad_byte(text: bytes) -> int:
    try:
        text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return error.start
    return 0
