"""One value of a request: is it what its column says, and how to word it when it is not.

Used where a request is checked value by value. A missing value (JSON null, an empty CSV cell) is None here and NaN for
the model.
"""

import contextlib
import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from serving.columns import Column, ColumnType, Value, guess

NUMBER = re.compile(
    r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII
)  # float() also takes 1_000, nan and other digits
LARGEST_INTEGER = 2**63 - 1
INTEGER: Any = Annotated[int, msgspec.Meta(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]
NUMBERS: Any = msgspec.json.Decoder(list[INTEGER | float])
BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
EXPECTED: dict[ColumnType | None, str] = {
    None: "a number, a string, true or false",
    ColumnType.FLOAT: "a number",
    ColumnType.INTEGER: "an integer",
    ColumnType.STRING: "a string",
    ColumnType.BOOLEAN: "true or false",
}
LONGEST_SHOWN = 60  # characters of a bad value that a message repeats
UNNAMED = Column("", guessed=True)
DECLARE = "; declare it under model.inputs as type string"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A value that does not fit; `problem` reads `expected a number, got "x"`."""

    problem: str


def from_json(value: object, column: Column | None) -> Value | Wrong | None:
    """Check a decoded JSON value against its column (None: any number)."""
    column = column or UNNAMED
    if value is None:
        return None
    typed = _typed(value, column.type)
    if typed is None:
        hint = (DECLARE if column.guessed else column.hint) if isinstance(value, str) else ""
        return Wrong(f"expected {EXPECTED[column.type]}, got {shown(value)}{hint}")
    return _allowed(typed, column)


def from_csv(text: str, column: Column | None) -> Value | Wrong | None:
    """Check the text of a CSV cell against its column (None: any number). Where that has no type, see `own_type`."""
    column = column or UNNAMED
    if column.type in {None, ColumnType.STRING}:
        return _allowed(text, column) if text or "" in column.values else None
    text = text.strip()
    if not text:
        return None
    value: object = text
    if column.type is ColumnType.BOOLEAN:
        value = BOOLEANS.get(text.lower(), text)
    elif NUMBER.fullmatch(text):
        value = float(text)
        if column.type is ColumnType.INTEGER and re.fullmatch(r"[+-]?\d{1,19}", text):
            value = int(text)
    return from_json(value, column)


def own_kinds(texts: Iterable[str | None]) -> frozenset[ColumnType]:
    """Tell what all cells of a CSV column that has no type can be: numbers, booleans, or (empty) only text."""
    given = [text.strip() for text in texts if text and text.strip()]
    with contextlib.suppress(msgspec.MsgspecError):  # the usual case, in C
        if given and len(NUMBERS.decode("[" + ",".join(given) + "]")) == len(given):
            return frozenset({ColumnType.FLOAT})
    return frozenset(kind for kind, read in OWN.items() if all(read(text) is not None for text in given))


def own_type(text: str | None, kinds: frozenset[ColumnType]) -> Value | None:
    """Read a cell of such a column: as a number if all are, as a boolean if all are, else as text.

    As pandas reads a file, from which such a model was most likely trained.
    """
    kind = next((kind for kind in OWN if kind in kinds), None)
    if kind is None:
        return text
    return OWN[kind](text.strip()) if text and text.strip() else None


def is_datum(text: str) -> bool:
    """Tell whether the text of a CSV cell can be a number or a boolean, so that its line is no header."""
    text = text.strip().lower()
    return not text or text in BOOLEANS or text in {"nan", "inf", "-inf"} or NUMBER.fullmatch(text) is not None


def shown(value: object) -> str:
    """Show a value in a message: as JSON, shortened; a list or an object by its kind only."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    if isinstance(value, int) and not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        return "a larger number than fits"
    text = json.dumps(value)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."


def _number(text: str) -> int | float | None:
    if re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII):
        return int(text)
    number = float(text) if NUMBER.fullmatch(text) else math.inf
    return number if math.isfinite(number) else None


def _boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


OWN: dict[ColumnType, Callable[[str], Value | None]] = {ColumnType.FLOAT: _number, ColumnType.BOOLEAN: _boolean}


def _typed(value: object, kind: ColumnType | None) -> Value | None:
    """Give the value in the column's type, None when it has another."""
    if kind is None:
        kind = _own_type(value)
    if kind is ColumnType.STRING:
        return value if isinstance(value, str) and is_text(value) else None
    if kind is ColumnType.BOOLEAN or isinstance(value, bool):
        return value if isinstance(value, bool) and kind is ColumnType.BOOLEAN else None
    if not isinstance(value, int | float):
        return None
    if kind is ColumnType.INTEGER:
        whole = isinstance(value, int) or value.is_integer()
        return int(value) if whole and -LARGEST_INTEGER <= value <= LARGEST_INTEGER else None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _own_type(value: object) -> ColumnType:
    if isinstance(value, str):
        return ColumnType.STRING
    if isinstance(value, bool):
        return ColumnType.BOOLEAN
    small = isinstance(value, int) and -LARGEST_INTEGER <= value <= LARGEST_INTEGER
    return ColumnType.INTEGER if small else ColumnType.FLOAT


def _allowed(value: Value, column: Column) -> Value | Wrong:
    if not column.values or value in column.values:
        return value
    allowed = ", ".join(shown(allowed) for allowed in column.values)
    near = guess(value, tuple(str(allowed) for allowed in column.values)) if isinstance(value, str) else ""
    return Wrong(f"expected one of {allowed}, got {shown(value)}{near}")


def is_text(value: str) -> bool:
    # JSON can spell half of a surrogate pair, which is no text and breaks whoever writes it later.
    return not any("\ud800" <= character <= "\udfff" for character in value)
