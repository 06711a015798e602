"""What one row of a request holds: the columns' names, types and allowed values, and how many there are.

Known from `[[inputs]]` in serving.toml, else from the model (names or only a count), else not at all.
A column whose type nobody stated is a number, unless the framework's `schema` says that its model judges the values
itself: then each has its own type.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

Value = str | int | float | bool


class ColumnType(StrEnum):
    """The types of serving.toml."""

    FLOAT = "float"
    INTEGER = "integer"
    STRING = "string"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Column:
    """One input of the model; `values` are the allowed ones, empty when any will do."""

    name: str
    type: ColumnType | None = ColumnType.FLOAT  # None: each value's own type, for the model to judge
    values: tuple[Value, ...] = ()
    guessed: bool = False  # nobody stated the type
    sample: Value | None = None  # a value that the model knows
    hint: str = ""  # what to do about a text that is refused, where the type alone does not tell


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a row in the model's order; `width` is None when even their number is unknown."""

    columns: tuple[Column, ...] = ()
    width: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, or () when they are unknown."""
        return tuple(column.name for column in self.columns)

    @property
    def only_floats(self) -> bool:
        """True when every column takes any number, which is the fast way through."""
        return all(column.type is ColumnType.FLOAT and not column.values for column in self.columns)

    @property
    def has_text(self) -> bool:
        """True when rows need an array of objects rather than of floats."""
        return any(column.type is ColumnType.STRING for column in self.columns)

    @property
    def untyped(self) -> bool:
        """True when a column's values have types of their own, so that text may come where none was announced."""
        return any(column.type is None for column in self.columns)

    @property
    def may_be_floats(self) -> bool:
        """True when a request of nothing but numbers fits, so that the fast way through is worth a try."""
        return all(column.type in {None, ColumnType.FLOAT} and not column.values for column in self.columns)

    def column(self, index: int) -> Column | None:
        """The column at `index` of a row, None when its name is unknown."""
        return self.columns[index] if index < len(self.columns) else None

    def example(self) -> list[Value]:
        """Give a row that the model accepts as far as the schema can tell."""
        return [_example(column) for column in self.columns] or [0.0] * (self.width or 1)


def named(columns: tuple[Column, ...]) -> Schema:
    """Make the schema of columns that are all known."""
    return Schema(columns, len(columns))


def _example(column: Column) -> Value:
    zero: dict[ColumnType | None, Value] = {ColumnType.STRING: "", ColumnType.BOOLEAN: False, ColumnType.INTEGER: 0}
    if column.values:
        return column.values[0]
    return zero.get(column.type, 0.0) if column.sample is None else column.sample


def guess(word: str, known: tuple[str, ...]) -> str:
    """Word the nearest known name as `; did you mean "tenure"?`, or nothing when none is near."""
    near = get_close_matches(word, known, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""
