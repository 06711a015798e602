"""CSV requests: a row a line, comma separated, cells quoted where they need it, with or without a header line.

A header is a first line that can be no data: no number in it, or, where columns may be text, a column's name in it. Its
names may come in any order. Blank lines are skipped. As with JSON, a fast way takes the plain cases and an exact one
words the errors. Read in blocks: a large body is never there as Python values at one time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from serving import cells, errors
from serving.columns import ColumnType, Schema, guess
from serving.csv_lines import Block, Line, cut
from serving.errors import RequestError
from serving.jsonl_body import BLOCK_BYTES
from serving.rows import Rows, is_table, numbers, objects, to_array

FLOATS = msgspec.json.Decoder(list[list[float]])
NOT_PLAIN = b'"[]\r'  # these need a real reader: JSON would take brackets for structure and carriage returns for space
Order: TypeAlias = list[int | None]  # where each column of the schema stands in a line, None where it does not
Kinds: TypeAlias = list[frozenset[ColumnType]]  # what the cells of each column without a type can be


@dataclass(frozen=True, slots=True)
class Layout:
    """What the first line has told of the others: where the columns stand, and how many cells there are."""

    order: Order | None
    cells: int


class CsvBody:
    """Decodes the requests of one model. Columns in `optional` may be missing from a header."""

    def __init__(self, schema: Schema, optional: tuple[str, ...] = ()) -> None:
        """Keep the schema."""
        self._schema = schema
        self._optional = optional

    def blocks(self, body: bytes) -> Iterator[Rows]:
        """Give the request's rows, a block at a time. Raises RequestError with the line of the first bad value."""
        kinds = self._kinds(body) if self._schema.untyped and len(body) > BLOCK_BYTES else None
        plain = self._schema.may_be_floats and (kinds is None or all(ColumnType.FLOAT in kind for kind in kinds))
        layout, empty = None, True
        for block in cut(body):
            fast = self._fast_rows(block.text, layout) if plain and block.text is not None else None
            if fast is None:
                lines, layout = self._data_lines(block, layout)
                if not lines or layout is None:
                    continue
                rows = exact_rows(lines, layout, self._schema, kinds)
                # A block of nothing but numbers is still one of a request that holds more.
                mixed = kinds is not None and not plain
                fast = objects(rows) if mixed else to_array(rows, self._schema), layout
            array, layout = fast
            empty = False
            yield array
        if empty:
            raise errors.bad_body("expected at least one row, got none")

    def _fast_rows(self, text: bytes, layout: Layout | None) -> tuple[Rows, Layout] | None:
        """Read plain numbers by turning the lines into JSON, which msgspec decodes in C. None: not that plain."""
        text = text.replace(b"\r\n", b"\n").strip()
        if any(character in text for character in NOT_PLAIN):
            return None
        try:
            if layout is None:
                first, _, rest = text.partition(b"\n")
                layout, is_data = begin(Line(1, first.decode("utf-8-sig").split(",")), self._schema, ())
                text = text if is_data else rest
            rows = numbers(FLOATS.decode(b"[[" + text.replace(b"\n", b"],[") + b"]]"))
        except (RequestError, msgspec.MsgspecError, ValueError, TypeError):
            return None
        if not is_table(rows, self._schema) or rows.shape[1] != layout.cells:
            return None
        # Every column stands somewhere here: only texts may be left out of a header, and they come the other way.
        return rows if layout.order is None else rows[:, [place or 0 for place in layout.order]], layout

    def _kinds(self, body: bytes) -> Kinds:
        """Look at every cell of the columns without a type: what they can be, only all of them tell."""
        kinds: Kinds = [frozenset(cells.OWN) for _ in self._schema.columns]
        layout = None
        for block in cut(body):
            lines, layout = self._data_lines(block, layout)
            if layout is not None:
                rows = [_row(line, self._schema, layout) for line in lines]
                kinds = [found & more for found, more in zip(kinds, _own_kinds(rows, self._schema), strict=True)]
        return kinds

    def _data_lines(self, block: Block, layout: Layout | None) -> tuple[list[Line], Layout | None]:
        lines = block.lines()
        if layout is None and lines:
            layout, is_data = begin(lines[0], self._schema, self._optional)
            lines = lines if is_data else lines[1:]
        return lines, layout


def begin(line: Line, schema: Schema, optional: tuple[str, ...]) -> tuple[Layout, bool]:
    """Learn the layout from the first line, and tell whether that is data too. Raises RequestError."""
    if not is_header(line.cells, schema):
        return Layout(None, schema.width or len(line.cells)), True
    if not schema.names:
        return Layout(None, schema.width or len(line.cells)), False
    return Layout(_order(line, schema, optional), len(line.cells)), False


def is_header(line: list[str], schema: Schema) -> bool:
    """Tell whether a first line is one of names."""
    if schema.has_text:
        return any(cell.strip() in schema.names for cell in line)
    if schema.untyped:
        return any(cell.strip() in schema.names and not cells.is_datum(cell) for cell in line)
    return not any(cells.is_datum(cell) for cell in line)


def exact_rows(lines: list[Line], layout: Layout, schema: Schema, kinds: Kinds | None = None) -> list[list[Any]]:
    """Read lines cell by cell. Raises RequestError with the line and column of the first bad cell."""
    rows = [_row(line, schema, layout) for line in lines]
    if schema.untyped:
        kinds = kinds or _own_kinds(rows, schema)
        untyped = [index for index, column in enumerate(schema.columns) if column.type is None]
        for row in rows:
            for index in untyped:
                row[index] = cells.own_type(row[index], kinds[index])
    return rows


def _own_kinds(rows: list[list[Any]], schema: Schema) -> Kinds:
    columns = zip(schema.columns, zip(*rows, strict=True), strict=True) if rows else ()
    kinds = [cells.own_kinds(texts) if column.type is None else frozenset(cells.OWN) for column, texts in columns]
    return kinds or [frozenset(cells.OWN) for _ in schema.columns]


def _order(header: Line, schema: Schema, optional: tuple[str, ...]) -> Order:
    """Find each column of the schema in the header. Raises RequestError."""
    names = [cell.strip() for cell in header.cells]
    for place, name in enumerate(names):
        if name not in schema.names:
            problem = f"unknown column {cells.shown(name)}{guess(name, schema.names)}"
            raise errors.bad_value(_path(header, place, ""), problem)
        if name in names[:place]:
            raise errors.bad_value(_path(header, place, name), "this column is there twice")
    for name in schema.names:
        if name not in names and name not in optional:
            raise errors.bad_value(f"line {header.number}", f"column {cells.shown(name)} is missing")
    return [names.index(name) if name in names else None for name in schema.names]


def _row(line: Line, schema: Schema, layout: Layout) -> list[Any]:
    if len(line.cells) != layout.cells:
        like = "" if schema.width else " as in the first row"
        quote = "; a text that holds a comma needs quotes" if schema.has_text else ""
        problem = f"expected {layout.cells} values{like}, got {len(line.cells)}{quote}"
        raise errors.bad_value(f"line {line.number}", problem)
    values: list[object] = []
    for index, place in enumerate(layout.order or range(layout.cells)):
        column = schema.column(index)
        value = None if place is None else cells.from_csv(line.cells[place], column)
        if isinstance(value, cells.Wrong):
            raise errors.bad_value(_path(line, place or 0, column.name if column else ""), value.problem)
        values.append(value)
    return values


def _path(line: Line, place: int, name: str) -> str:
    return f"line {line.number}, column {place + 1}" + (f" ({name})" if name else "")
