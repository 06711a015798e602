"""Records of CSV, read a column at a time by C code: the same values as `csv_cells` gives, some ten times as fast.

None for whatever is not plain: that is read again, cell by cell.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

from serving import cells
from serving.columns import Column, ColumnType, Schema, Value
from serving.csv_cells import Kinds
from serving.csv_header import Layout
from serving.csv_lines import Line
from serving.rows import Rows

Values = list[Value | None]
Texts = Sequence[str]

FLOATS: Any = msgspec.json.Decoder(list[float])
INTEGERS: Any = msgspec.json.Decoder(list[cells.INTEGER])
LONGEST = 10**18  # integers that are longer have another type of their own, see `cells`


def in_columns(lines: Sequence[Line], layout: Layout, schema: Schema, kinds: Kinds | None) -> list[Values] | None:
    """Read lines; `kinds` are those of columns without a type, None: what these lines say."""
    records = [line.cells for line in lines]
    if not records or any(len(record) != layout.cells for record in records):
        return None
    texts = list(zip(*records, strict=True))
    found: list[Values] = []
    for index, place in enumerate(layout.order or range(layout.cells)):
        values: Values | None = [None] * len(records)
        if place is not None:
            values = _column(texts[place], schema.column(index) or cells.UNNAMED, kinds[index] if kinds else None)
        if values is None:
            return None
        found.append(values)
    return found


def to_array(columns: Sequence[Values], schema: Schema, *, mixed: bool) -> Rows:
    """Make the array, of objects where text or (`mixed`) anything but numbers may come, as `rows` does of rows."""
    shape = len(columns[0]), len(columns)
    if not (mixed or schema.has_text or (schema.untyped and any(map(_is_no_number, columns)))):
        numbers = np.empty(shape, dtype=np.float64)
        for index, values in enumerate(columns):
            numbers[:, index] = np.array(values, dtype=np.float64)  # None becomes NaN
        return numbers
    objects = np.empty(shape, dtype=object)
    for index, values in enumerate(columns):
        objects[:, index] = [np.nan if value is None else value for value in values] if None in values else values
    return objects


def _column(texts: Texts, column: Column, kinds: frozenset[ColumnType] | None) -> Values | None:
    kind = column.type
    if kind is None:
        return _own(texts, cells.own_kinds(texts) if kinds is None else kinds)
    values = READ[kind](texts)
    if kind is ColumnType.STRING:
        values = list(texts) if "" in column.values else values
    if column.values and values is not None and not set(values) <= {*column.values, None}:
        return None
    return values


def _own(texts: Texts, kinds: frozenset[ColumnType]) -> Values | None:
    if ColumnType.FLOAT in kinds:
        values = _decoded(texts, cells.NUMBERS)
        integers = (value for value in values or () if isinstance(value, int))
        return None if any(abs(value) >= LONGEST for value in integers) else values
    return None if ColumnType.BOOLEAN in kinds else _strings(texts)


def _decoded(texts: Texts, decoder: Any) -> Values | None:
    """Read numbers, as JSON writes them."""
    gaps = "" in texts
    try:
        values: list[Any] = decoder.decode("[" + ",".join([text or "0" for text in texts] if gaps else texts) + "]")
    except msgspec.MsgspecError:
        return None
    if len(values) != len(texts):  # a cell that holds a comma
        return None
    return [value if text else None for text, value in zip(texts, values, strict=True)] if gaps else values


def _booleans(texts: Texts) -> Values | None:
    known: dict[str, Value | None] = {text: cells.BOOLEANS.get(text.strip().lower()) for text in set(texts)}
    if any(value is None and text for text, value in known.items()):
        return None
    return [known[text] for text in texts]


def _strings(texts: Texts) -> Values:
    return [text or None for text in texts]


def _is_no_number(values: Values) -> bool:
    # The values of a column have one type.
    return isinstance(next((value for value in values if value is not None), None), str | bool)


READ: dict[ColumnType, Callable[[Texts], Values | None]] = {
    ColumnType.FLOAT: lambda texts: _decoded(texts, FLOATS),
    ColumnType.INTEGER: lambda texts: _decoded(texts, INTEGERS),
    ColumnType.BOOLEAN: _booleans,
    ColumnType.STRING: _strings,
}
