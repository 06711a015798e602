"""Records of CSV, read cell by cell: slow, and able to say which cell is wrong."""

from typing import Any, TypeAlias

from serving import cells, errors
from serving.columns import ColumnType, Schema
from serving.csv_header import Layout
from serving.csv_lines import Line, path

Kinds: TypeAlias = list[frozenset[ColumnType]]  # what the cells of each column without a type can be


def exact_rows(lines: list[Line], layout: Layout, schema: Schema, kinds: Kinds | None = None) -> list[list[Any]]:
    """Read lines cell by cell. Raises RequestError with the line and column of the first bad cell."""
    rows = [row(line, schema, layout) for line in lines]
    if schema.untyped:
        kinds = kinds or own_kinds(rows, schema)
        untyped = [index for index, column in enumerate(schema.columns) if column.type is None]
        for values in rows:
            for index in untyped:
                values[index] = cells.own_type(values[index], kinds[index])
    return rows


def own_kinds(rows: list[list[Any]], schema: Schema) -> Kinds:
    """Tell what the cells of each column can be, by those of some rows; where a column has a type, that is not asked."""
    columns = zip(schema.columns, zip(*rows, strict=True), strict=True) if rows else ()
    kinds = [cells.own_kinds(texts) if column.type is None else frozenset(cells.OWN) for column, texts in columns]
    return kinds or [frozenset(cells.OWN) for _ in schema.columns]


def row(line: Line, schema: Schema, layout: Layout) -> list[Any]:
    """Read one line; a cell of a column without a type stays text. Raises RequestError."""
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
            raise errors.bad_value(path(line, place or 0, column.name if column else ""), value.problem)
        values.append(value)
    return values
