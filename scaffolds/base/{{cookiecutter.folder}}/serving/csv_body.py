"""CSV requests: a row a line, comma separated, cells quoted where they need it, with or without a header line.

A header is a first line that can be no data: no number in it, or, where columns may be text, a column's name in it. Its
names may come in any order. Blank lines are skipped. As with JSON, fast ways take the plain cases and an exact one
words the errors. Read in blocks: a large body is never there as Python values at one time.
"""

from collections.abc import Iterator

import msgspec

from serving import cells, csv_columns, errors
from serving.columns import Column, ColumnType, Schema
from serving.csv_cells import Kinds, exact_rows, own_kinds, row
from serving.csv_header import Layout, begin
from serving.csv_lines import Block, Line, cut, path
from serving.errors import RequestError
from serving.jsonl_body import BLOCK_BYTES
from serving.places import Places
from serving.rows import Rows, is_table, key_path, numbers, objects, to_array

FLOATS = msgspec.json.Decoder(list[list[float]])
NUMBERS = tuple(b"-0123456789"[place : place + 1] for place in range(11))  # what one begins with
NOT_PLAIN = b'"[]\r'  # these need a real reader: JSON would take brackets for structure and carriage returns for space


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
                lines, layout = self.data_lines(block, layout)
                if not lines or layout is None:
                    continue
                # A block of nothing but numbers is still one of a request that holds more.
                fast = self._rows(lines, layout, kinds, mixed=kinds is not None and not plain), layout
            array, layout = fast
            empty = False
            yield array
        if empty:
            raise errors.bad_body("expected at least one row, got none")

    def places(self, body: bytes) -> Places:
        """Give what finds the line of a row later."""
        return CsvPlaces(self, self._schema, body)

    def _rows(self, lines: list[Line], layout: Layout, kinds: Kinds | None, *, mixed: bool) -> Rows:
        columns = csv_columns.in_columns(lines, layout, self._schema, kinds)
        if columns is not None:
            return csv_columns.to_array(columns, self._schema, mixed=mixed)
        rows = exact_rows(lines, layout, self._schema, kinds)
        return objects(rows) if mixed else to_array(rows, self._schema)

    def _fast_rows(self, text: bytes, layout: Layout | None) -> tuple[Rows, Layout] | None:
        """Read plain numbers by turning the lines into JSON, which msgspec decodes in C. None: not that plain."""
        text = text.replace(b"\r\n", b"\n").strip()
        if any(character in text for character in NOT_PLAIN):
            return None
        try:
            if layout is None and not text.startswith(NUMBERS):
                first, _, text = text.partition(b"\n")
                layout, is_data = begin(Line(1, first.decode("utf-8-sig").split(",")), self._schema, ())
                if is_data:
                    return None
            rows = numbers(FLOATS.decode(b"[[" + text.replace(b"\n", b"],[") + b"]]"))
        except (RequestError, msgspec.MsgspecError, ValueError, TypeError):
            return None
        layout = layout or Layout(None, self._schema.width or rows.shape[1])  # nothing but numbers: no header
        if not is_table(rows, self._schema) or rows.shape[1] != layout.cells:
            return None
        # Every column stands somewhere here: only texts may be left out of a header, and they come the other way.
        return rows if layout.order is None else rows[:, [place or 0 for place in layout.order]], layout

    def _kinds(self, body: bytes) -> Kinds:
        """Look at every cell of the columns without a type: what they can be, only all of them tell."""
        kinds: Kinds = [frozenset(cells.OWN) for _ in self._schema.columns]
        layout = None
        for block in cut(body):
            lines, layout = self.data_lines(block, layout)
            if layout is not None:
                rows = [row(line, self._schema, layout) for line in lines]
                kinds = [found & more for found, more in zip(kinds, own_kinds(rows, self._schema), strict=True)]
        return kinds

    def data_lines(self, block: Block, layout: Layout | None) -> tuple[list[Line], Layout | None]:
        """Give the lines of a block, without the header, and the layout from now on. Raises RequestError."""
        lines = block.lines()
        if layout is None and lines:
            layout, is_data = begin(lines[0], self._schema, self._optional)
            lines = lines if is_data else lines[1:]
        return lines, layout


class CsvPlaces(Places):
    """The lines of the rows of a body: looked for anew, for few requests need them."""

    def __init__(self, decoder: CsvBody, schema: Schema, body: bytes) -> None:
        """Keep them."""
        super().__init__(lambda index: f"line {self._find(index)[0].number}")
        self._decoder = decoder
        self._schema = schema
        self._body = body

    def cell(self, index: int, place: int, column: Column | None) -> tuple[str, str]:
        """Give the path of a cell, which is all there is to say."""
        line, layout = self._find(index)
        stands = layout.order[place] if layout.order else place
        said = path(line, stands or 0, column.name if column else "")
        return said, said

    def key(self, index: int, rest: str) -> str:
        """Give the path of the cell that became a named part of an instance."""
        for place, column in enumerate(self._schema.columns):
            if rest == key_path("", column.name):
                return self.cell(index, place, column)[0]
        return super().key(index, rest)

    def _find(self, index: int) -> tuple[Line, Layout]:
        layout: Layout | None = None
        for block in cut(self._body):
            lines, layout = self._decoder.data_lines(block, layout)
            if layout and index < len(lines):
                return lines[index], layout
            index -= len(lines)
        raise errors.bad_body("the body has fewer rows than were read")
