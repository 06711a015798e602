"""The first line of a CSV body: names, or data already; and where that leaves each column of the model."""

from dataclasses import dataclass
from typing import TypeAlias

from serving import cells, errors
from serving.columns import Schema, guess
from serving.csv_lines import Line, path

Order: TypeAlias = list[int | None]  # where each column of the schema stands in a line, None where it does not


@dataclass(frozen=True, slots=True)
class Layout:
    """What the first line has told of the others: where the columns stand, and how many cells there are."""

    order: Order | None
    cells: int


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


def _order(header: Line, schema: Schema, optional: tuple[str, ...]) -> Order:
    """Find each column of the schema in the header. Raises RequestError."""
    names = [cell.strip() for cell in header.cells]
    for place, name in enumerate(names):
        if name not in schema.names:
            problem = f"unknown column {cells.shown(name)}{guess(name, schema.names)}"
            raise errors.bad_value(path(header, place, ""), problem)
        if name in names[:place]:
            raise errors.bad_value(path(header, place, name), "this column is there twice")
    for name in schema.names:
        if name not in names and name not in optional:
            raise errors.bad_value(f"line {header.number}", f"column {cells.shown(name)} is missing")
    return [names.index(name) if name in names else None for name in schema.names]
