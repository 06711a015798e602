"""JSON requests: {"instances": [...]} or the bare list; a row is a list, or an object by column name.

The fast way decodes and checks types in msgspec's C code. Whatever it refuses is read again by `exact_rows`, value by
value, which finds the bad one and words the error. What both accept they read alike.
"""

import contextlib
import json
from collections.abc import Callable
from operator import itemgetter
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec

from serving import cells, errors
from serving.columns import Column, ColumnType, Schema, guess
from serving.rows import Rows, cell_label, cell_path, is_table, key_path, numbers, row_path, to_array

Row = TypeVar("Row")
MOST_KEYS_SHOWN = 5
REFUSALS = (msgspec.MsgspecError, ValueError, TypeError, KeyError, OverflowError, RecursionError)
INTEGER: Any = Annotated[int, msgspec.Meta(ge=-cells.LARGEST_INTEGER, le=cells.LARGEST_INTEGER)]
TYPES: dict[ColumnType | None, Any] = {
    None: INTEGER | float | str | bool,
    ColumnType.FLOAT: float,
    ColumnType.INTEGER: INTEGER,
    ColumnType.STRING: str,
    ColumnType.BOOLEAN: bool,
}


class Envelope(msgspec.Struct, Generic[Row]):
    """The documented form of a request; other keys are left alone."""

    instances: list[Row]


class JsonBody:
    """Decodes the requests of one model."""

    def __init__(self, schema: Schema) -> None:
        """Prepare decoders for the schema's columns."""
        self._schema = schema
        self._row: Any = tuple.__class_getitem__(tuple(_type(column) for column in schema.columns))
        self._floats = _decoder(list[float | None], float | None) if schema.may_be_floats else None
        self._typed = None if schema.only_floats else _decoder(self._row, Any)
        self._pick: Callable[[Any], Any] = itemgetter(*schema.names or ("",))

    def decode(self, body: bytes) -> Rows:
        """Give the request's rows. Raises RequestError."""
        for decoder in (self._floats, self._typed):
            with contextlib.suppress(*REFUSALS):
                rows = self._fast_rows(decoder, body) if decoder else None
                if rows is not None and is_table(rows, self._schema):
                    return rows
        return to_array(exact_rows(body, self._schema), self._schema)

    def _fast_rows(self, decoder: Any, body: bytes) -> Rows | None:
        document = decoder.decode(body)
        rows: list[Any] = document if isinstance(document, list) else document.instances
        if rows and isinstance(rows[0], dict):
            width = len(self._schema.columns)
            if not width or any(len(row) != width for row in rows):
                return None
            rows = [self._pick(row) for row in rows] if width > 1 else [(self._pick(row),) for row in rows]
            if decoder is self._typed:
                rows = msgspec.convert(rows, list[self._row])  # type: ignore[name-defined]
        return numbers(rows) if decoder is self._floats else to_array(rows, self._schema)


def exact_rows(body: bytes, schema: Schema) -> list[list[object]]:
    """Read a request value by value. Raises RequestError with the path of the first bad value."""
    rows = _instances(_parse(body))
    if not rows:
        raise errors.bad_value("instances", "expected at least one row, got none")
    if isinstance(rows[0], dict):
        return [_object_row(index, row, schema) for index, row in enumerate(rows)]
    width = schema.width or (len(rows[0]) if isinstance(rows[0], list) else 0)
    return [_list_row(index, row, schema, width) for index, row in enumerate(rows)]


def _parse(body: bytes) -> object:
    try:
        return json.loads(body.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise errors.bad_body(
            f"the body is not JSON: {error.msg} at {where}" if body else "the body is empty"
        ) from None
    except UnicodeDecodeError as error:
        raise errors.bad_body(f"the body is not UTF-8: bad byte at position {error.start}") from None
    except RecursionError:
        raise errors.bad_body("the body is nested too deeply") from None
    except ValueError:  # Python refuses to read integers of more than 4300 digits
        raise errors.bad_body("the body holds a number with too many digits") from None


def _instances(document: object) -> list[Any]:
    if isinstance(document, dict):
        if "instances" not in document:
            keys = ", ".join(cells.shown(key) for key in list(document)[:MOST_KEYS_SHOWN]) or "no keys"
            raise errors.bad_body('expected {"instances": [[...], ...]}, got an object with ' + keys)
        document = document["instances"]
    if not isinstance(document, list):
        raise errors.bad_value("instances", f"expected a list of rows, got {cells.shown(document)}")
    return document


def _list_row(index: int, row: object, schema: Schema, width: int) -> list[object]:
    if not isinstance(row, list):
        kind = "a list like the rows before" if index else "a row, which is a list or an object"
        raise errors.bad_value(row_path(index), f"expected {kind}, got {cells.shown(row)}")
    if len(row) != width or not row:
        like = "" if schema.width else " as in the first row"
        raise errors.bad_value(row_path(index), f"expected {width or 'some'} values{like}, got {len(row)}")
    values: list[object] = []
    for place, raw in enumerate(row):
        column = schema.column(place)
        value = cells.from_json(raw, column)
        if isinstance(value, cells.Wrong):
            raise errors.bad_value(cell_path(index, place), value.problem, cell_label(index, place, column))
        values.append(value)
    return values


def _object_row(index: int, row: object, schema: Schema) -> list[object]:
    if not isinstance(row, dict):
        raise errors.bad_value(row_path(index), f"expected an object like the rows before, got {cells.shown(row)}")
    if not schema.names:
        hint = "the columns have no names: send lists, or name the columns in model.inputs of byocgen.yaml"
        raise errors.bad_value(row_path(index), f"expected a list, got an object; {hint}")
    for key in row:
        if key not in schema.names:
            raise errors.bad_value(key_path(index, key), f"unknown column{guess(key, schema.names)}")
    return [_object_value(index, row, column) for column in schema.columns]


def _object_value(index: int, row: dict[str, object], column: Column) -> object:
    path = key_path(index, column.name)
    if column.name not in row:
        raise errors.bad_value(path, "this column is missing")
    value = cells.from_json(row[column.name], column)
    if isinstance(value, cells.Wrong):
        raise errors.bad_value(path, value.problem)
    return value


def _decoder(row: Any, value: Any) -> Any:
    either: Any = row | dict[str, value]
    return msgspec.json.Decoder(Envelope[either] | list[either])


def _type(column: Column) -> Any:
    if not column.values:
        return TYPES[column.type] | None
    if column.type in {ColumnType.STRING, ColumnType.INTEGER}:
        return Literal[column.values] | None
    return None  # msgspec has no literal numbers: any value here takes the exact way
