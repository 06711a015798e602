"""CSV requests: a row a line, comma separated, cells quoted where they need it, with or without a header line.

A header is a first line that can be no data: no number in it, or, where columns may be text, a column's name in it. Its
names may come in any order. Blank lines are skipped. As with JSON, a fast way takes the plain cases and an exact one
words the errors.
"""

import csv
import io
from dataclasses import dataclass
from typing import Any

import msgspec

from serving import cells, errors
from serving.columns import Schema, guess
from serving.errors import RequestError
from serving.rows import Rows, is_table, numbers, to_array

FLOATS = msgspec.json.Decoder(list[list[float]])
NOT_PLAIN = b'"[]\r'  # these need a real reader: JSON would take brackets for structure and carriage returns for space


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of a line and its number in the body, from 1."""

    number: int
    cells: list[str]


class CsvBody:
    """Decodes the requests of one model."""

    def __init__(self, schema: Schema) -> None:
        """Keep the schema."""
        self._schema = schema

    def decode(self, body: bytes) -> Rows:
        """Give the request's rows. Raises RequestError."""
        rows = self._fast_rows(body) if self._schema.may_be_floats else None
        if rows is None or not is_table(rows, self._schema):
            rows = to_array(exact_rows(body, self._schema), self._schema)
        return rows

    def _fast_rows(self, body: bytes) -> Rows | None:
        """Read plain numbers by turning the lines into JSON, which msgspec decodes in C. None: not that plain."""
        body = body.replace(b"\r\n", b"\n").strip()
        if any(character in body for character in NOT_PLAIN):
            return None
        order = None
        first, _, rest = body.partition(b"\n")
        try:
            header = first.decode("utf-8-sig").split(",")
            if _is_header(header, self._schema):
                order, body = _order(Line(1, header), self._schema), rest
            rows = numbers(FLOATS.decode(b"[[" + body.replace(b"\n", b"],[") + b"]]"))
        except (RequestError, msgspec.MsgspecError, ValueError, TypeError):
            return None
        return rows if order is None or not is_table(rows, self._schema) else rows[:, order]


def exact_rows(body: bytes, schema: Schema) -> list[list[object]]:
    """Read a request cell by cell. Raises RequestError with the line and column of the first bad cell."""
    lines = _read(body)
    order = None
    if lines and _is_header(lines[0].cells, schema):
        order = _order(lines.pop(0), schema)
    if not lines:
        raise errors.bad_body("expected at least one row, got none")
    width = schema.width or len(lines[0].cells)
    rows = [_row(line, schema, width, order) for line in lines]
    return _with_own_types(rows, schema) if schema.untyped else rows


def _read(body: bytes) -> list[Line]:
    try:
        reader = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        return [Line(reader.line_num, line) for line in reader if any(cell.strip() for cell in line) or len(line) > 1]
    except UnicodeDecodeError as error:
        raise errors.bad_body(f"the body is not UTF-8: bad byte at position {error.start}") from None
    except csv.Error as error:
        raise errors.bad_body(f"the body is not CSV: {error} at line {reader.line_num}") from None


def _is_header(line: list[str], schema: Schema) -> bool:
    if schema.has_text:
        return any(cell.strip() in schema.names for cell in line)
    if schema.untyped:
        return any(cell.strip() in schema.names and not cells.is_datum(cell) for cell in line)
    return not any(cells.is_datum(cell) for cell in line)


def _order(header: Line, schema: Schema) -> list[int] | None:
    """Find each column of the schema in the header; None when the columns have no names."""
    if not schema.names:
        return None
    names = [cell.strip() for cell in header.cells]
    for place, name in enumerate(names):
        if name not in schema.names:
            raise errors.bad_value(
                _path(header, place, ""), f"unknown column {cells.shown(name)}{guess(name, schema.names)}"
            )
        if name in names[:place]:
            raise errors.bad_value(_path(header, place, name), "this column is there twice")
    for name in schema.names:
        if name not in names:
            raise errors.bad_value(f"line {header.number}", f"column {cells.shown(name)} is missing")
    return [names.index(name) for name in schema.names]


def _row(line: Line, schema: Schema, width: int, order: list[int] | None) -> list[object]:
    if len(line.cells) != width:
        like = "" if schema.width else " as in the first row"
        raise errors.bad_value(f"line {line.number}", f"expected {width} values{like}, got {len(line.cells)}")
    values: list[object] = []
    for index, place in enumerate(order or range(width)):
        column = schema.column(index)
        value = cells.from_csv(line.cells[place], column)
        if isinstance(value, cells.Wrong):
            raise errors.bad_value(_path(line, place, column.name if column else ""), value.problem)
        values.append(value)
    return values


def _with_own_types(rows: list[list[Any]], schema: Schema) -> list[list[object]]:
    columns = [
        cells.own_types(texts) if column.type is None else texts
        for column, texts in zip(schema.columns, zip(*rows, strict=True), strict=True)
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _path(line: Line, place: int, name: str) -> str:
    return f"line {line.number}, column {place + 1}" + (f" ({name})" if name else "")
