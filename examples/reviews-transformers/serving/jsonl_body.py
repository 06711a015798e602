"""JSON Lines requests: an instance a line, as it would stand in a JSON list. Blank lines are skipped.

Read in blocks, so that a large body never has all its lines as Python values at one time.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from serving import errors
from serving.instances import REFUSALS, Reader
from serving.json_body import parse

BLOCK_BYTES = 1 << 20  # of a body, at a time: some thousand rows
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class JsonLinesBody:
    """Decodes the requests of one model."""

    def __init__(self, reader: Reader) -> None:
        """Prepare a decoder for each of the reader's fast ways."""
        self._reader = reader
        self._ways = _prepared(reader)

    def blocks(self, body: bytes) -> Iterator[Any]:
        """Give the instances in order, a block at a time. Raises RequestError with the line of the first bad value."""
        reader, ways, empty = self._reader, self._ways, True
        for first, block in cut_lines(body):
            numbered = [(first + index, line) for index, line in enumerate(block.split(b"\n")) if line.strip()]
            if not numbered:
                continue
            data = _fast(ways, [line for _, line in numbered])
            if data is None:
                data = exact_lines(numbered, reader)
            if empty:
                reader, empty = reader.settled(data), False
                ways = ways if reader is self._reader else _prepared(reader)
            yield data
        if empty:
            raise errors.bad_body("expected at least one line, got none")


def _prepared(reader: Reader) -> list[tuple[Any, Callable[[list[Any]], Any]]]:
    return [(msgspec.json.Decoder(way.instance), way.convert) for way in reader.ways]


def _fast(ways: list[tuple[Any, Callable[[list[Any]], Any]]], lines: list[bytes]) -> Any:
    for decoder, convert in ways:
        with contextlib.suppress(*REFUSALS):
            data = convert([decoder.decode(line) for line in lines])
            if data is not None:
                return data
    return None


def exact_lines(numbered: list[tuple[int, bytes]], reader: Reader) -> Any:
    """Read lines with their numbers value by value. Raises RequestError."""
    instances = [parse(line.strip(), f"line {number}") for number, line in numbered]
    return reader.exact(instances, lambda index: f"line {numbered[index][0]}")


def line_of(body: bytes, index: int) -> str:
    """Name the line of an instance by its number, from 0: looked for anew, for few requests need it."""
    for first, block in cut_lines(body):
        for number, line in enumerate(block.split(b"\n"), first):
            if line.strip():
                if not index:
                    return f"line {number}"
                index -= 1
    return "a line"


def cut_lines(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Cut a body between lines into blocks of about BLOCK_BYTES; give each with the number of its first line, from 1."""
    start, number = len(BYTE_ORDER_MARK) if body.startswith(BYTE_ORDER_MARK) else 0, 1
    while start < len(body):
        end = body.find(b"\n", start + BLOCK_BYTES) + 1 or len(body)
        block = body[start:end]
        yield number, block
        number += block.count(b"\n")
        start = end
