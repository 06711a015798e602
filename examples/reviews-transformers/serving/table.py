"""Rows of a table as JSON has them: a row is a list in the model's order, or an object by column name."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any, Literal

import msgspec

from serving import cells, errors
from serving.columns import Column, ColumnType, Schema, guess
from serving.instances import Namer, Numbers, Way
from serving.rows import Rows, cell_label, cell_path, is_table, key_path, numbers, to_array

TYPES: dict[ColumnType | None, Any] = {
    None: cells.INTEGER | float | str | bool,
    ColumnType.FLOAT: float,
    ColumnType.INTEGER: cells.INTEGER,
    ColumnType.STRING: str,
    ColumnType.BOOLEAN: bool,
}


class TableReader:
    """Reads the rows of one schema."""

    lone = (dict,)
    noun = "row"

    def __init__(self, schema: Schema) -> None:
        """Prepare the fast ways for the schema's columns: rows of nothing but numbers, and rows of these types."""
        self._schema = schema
        self._row: Any = tuple.__class_getitem__(tuple(_type(column) for column in schema.columns))
        self._pick: Callable[[Any], Any] = itemgetter(*schema.names or ("",))
        ways = []
        if schema.may_be_floats:
            ways.append(Way(list[float | None] | dict[str, float | None], self._numbers))
        if not schema.only_floats:
            ways.append(Way(self._row | dict[str, Any], self._typed))
        self.ways = tuple(ways)
        self.numbers = Numbers(2, self._checked) if schema.may_be_floats else None

    def exact(self, instances: list[Any], name: Namer) -> Rows:
        """Read value by value. Raises RequestError with the path of the first bad value."""
        return to_array(exact_rows(instances, self._schema, name), self._schema)

    @staticmethod
    def columns(_value: object) -> None:
        """Tables come by rows only."""
        return

    def settled(self, data: Rows) -> "TableReader":
        """Hold further rows to the width of the first."""
        return self if self._schema.width else TableReader(Schema(width=data.shape[1]))

    def _numbers(self, rows: list[Any]) -> Rows | None:
        ordered = self._ordered(rows)
        return None if ordered is None else self._checked(numbers(ordered))

    def _typed(self, rows: list[Any]) -> Rows | None:
        ordered = self._ordered(rows)
        if not ordered:
            return None
        if isinstance(rows[0], dict):
            ordered = msgspec.convert(ordered, list[self._row])  # type: ignore[name-defined]
        return self._checked(to_array(ordered, self._schema))

    def _ordered(self, rows: list[Any]) -> list[Any] | None:
        if not rows or not isinstance(rows[0], dict):
            return rows
        width = len(self._schema.columns)
        if not width or any(len(row) != width for row in rows):
            return None
        return [self._pick(row) for row in rows] if width > 1 else [(self._pick(row),) for row in rows]

    def _checked(self, array: Rows) -> Rows | None:
        return array if is_table(array, self._schema) else None


def exact_rows(instances: list[Any], schema: Schema, name: Namer) -> list[list[object]]:
    """Read rows value by value. Raises RequestError with the path of the first bad value."""
    if isinstance(instances[0], dict):
        return [_object_row(name(index), row, schema) for index, row in enumerate(instances)]
    width = schema.width or (len(instances[0]) if isinstance(instances[0], list) else 0)
    return [_list_row(name(index), row, schema, width, first=not index) for index, row in enumerate(instances)]


def _list_row(path: str, row: object, schema: Schema, width: int, *, first: bool) -> list[object]:
    if not isinstance(row, list):
        kind = "a row, which is a list or an object" if first else "a list like the rows before"
        raise errors.bad_value(path, f"expected {kind}, got {cells.shown(row)}")
    if len(row) != width or not row:
        like = "" if schema.width else " as in the first row"
        raise errors.bad_value(path, f"expected {width or 'some'} values{like}, got {len(row)}")
    values: list[object] = []
    for place, raw in enumerate(row):
        column = schema.column(place)
        value = cells.from_json(raw, column)
        if isinstance(value, cells.Wrong):
            raise errors.bad_value(cell_path(path, place), value.problem, cell_label(path, place, column))
        values.append(value)
    return values


def _object_row(path: str, row: object, schema: Schema) -> list[object]:
    if not isinstance(row, dict):
        raise errors.bad_value(path, f"expected an object like the rows before, got {cells.shown(row)}")
    if not schema.names:
        hint = "the columns have no names: send lists, or name the columns in model.inputs of byocgen.yaml"
        raise errors.bad_value(path, f"expected a list, got an object; {hint}")
    for key in row:
        if key not in schema.names:
            raise errors.bad_value(key_path(path, key), f"unknown column{guess(key, schema.names)}")
    return [_object_value(path, row, column) for column in schema.columns]


def _object_value(row_path: str, row: dict[str, object], column: Column) -> object:
    path = key_path(row_path, column.name)
    if column.name not in row:
        raise errors.bad_value(path, "this column is missing")
    value = cells.from_json(row[column.name], column)
    if isinstance(value, cells.Wrong):
        raise errors.bad_value(path, value.problem)
    return value


def _type(column: Column) -> Any:
    if not column.values:
        return TYPES[column.type] | None
    if column.type in {ColumnType.STRING, ColumnType.INTEGER}:
        return Literal[column.values] | None
    return None  # msgspec has no literal numbers: any value here takes the exact way
