"""Bodies into arrays, in process: every kind of column, both formats, and any bytes at all."""
# ruff: noqa: E501 - a case a line

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving import errors, json_body
from serving.columns import Column, ColumnType, Schema, named
from serving.csv_body import CsvBody
from serving.csv_cells import exact_rows
from serving.csv_columns import in_columns
from serving.csv_columns import to_array as to_array_of_columns
from serving.csv_header import Layout, begin
from serving.csv_lines import Block, Line
from serving.errors import RequestError
from serving.json_body import JsonBody
from serving.rows import Rows, to_array
from serving.table import TableReader

FLOATS = named((Column("a"), Column("b c")))
ONE = named((Column("only"),))
GUESSED = named((Column("only", guessed=True),))
UNNAMED = Schema(width=2)
UNKNOWN = Schema()
MIXED = named(
    (
        Column("tenure"),
        Column("visits", ColumnType.INTEGER),
        Column("plan", ColumnType.STRING, ("basic", "pro")),
        Column("city", ColumnType.STRING),
        Column("active", ColumnType.BOOLEAN),
    )
)
OWN = named((Column("n", None), Column("word", None)))
OWN_AND_TEXT = named((Column("n", None), Column("zip", ColumnType.STRING, guessed=True)))
NUMERIC = named((Column("n", ColumnType.INTEGER, (1, 2)), Column("on", ColumnType.BOOLEAN), Column("x", values=(0.5,))))
SCHEMAS = [FLOATS, ONE, UNNAMED, UNKNOWN, MIXED, NUMERIC, OWN, OWN_AND_TEXT]
NAN = math.nan


def from_json(schema: Schema, body: bytes) -> Any:
    return JsonBody(TableReader(schema)).decode(body).data


def from_csv(schema: Schema, body: bytes) -> Rows:
    return np.concatenate(list(CsvBody(schema).blocks(body)))


def exactly_from_csv(schema: Schema, body: bytes) -> Rows:
    """Read as where no fast way is open."""
    lines = Block(1, body).lines()
    if not lines:
        raise errors.bad_body("no rows")
    layout, is_data = begin(lines[0], schema, ())
    if not (lines := lines if is_data else lines[1:]):
        raise errors.bad_body("no rows")
    return to_array(exact_rows(lines, layout, schema), schema)


def listed(array: Any) -> Any:
    """Give an array as lists, with None for NaN, which is not equal to itself."""
    return [[None if value != value else value for value in row] for row in array.tolist()]  # noqa: PLR0124


@pytest.mark.parametrize(
    ("schema", "body", "rows"),
    [
        (FLOATS, '[{"b c": 2, "a": 1}]', [[1.0, 2.0]]),
        (FLOATS, "[[1, null]]", [[1.0, None]]),
        (ONE, '[{"only": 1}, {"only": 2}]', [[1.0], [2.0]]),
        (UNNAMED, "[[1, 2], [3, 4]]", [[1.0, 2.0], [3.0, 4.0]]),
        (UNKNOWN, "[[1, 2, 3]]", [[1.0, 2.0, 3.0]]),
        (MIXED, '[[1, 2, "pro", "Zürich", true]]', [[1.0, 2, "pro", "Zürich", True]]),
        (MIXED, '[[1, 2.0, "pro", "", false]]', [[1.0, 2, "pro", "", False]]),
        (MIXED, "[[null, null, null, null, null]]", [[None] * 5]),
        (
            MIXED,
            '[{"active":true,"city":"x","plan":"basic","visits":-1,"tenure":1e3}]',
            [[1e3, -1, "basic", "x", True]],
        ),
        (NUMERIC, "[[1, true, 0.5], [2, false, null]]", [[1.0, 1.0, 0.5], [2.0, 0.0, None]]),
        (OWN, "[[1, 2], [3, null]]", [[1.0, 2.0], [3.0, None]]),
        (OWN, '[[1, "basic"], [2.5, null]]', [[1, "basic"], [2.5, None]]),
        (OWN, '[{"word": "7", "n": true}]', [[True, "7"]]),
        (OWN_AND_TEXT, '[[1, "08001"]]', [[1, "08001"]]),
    ],
)
def test_json(schema: Schema, body: str, rows: list[Any]) -> None:
    decoded = from_json(schema, body.encode())

    assert listed(decoded) == rows
    text = any(isinstance(value, str) for row in rows for value in row)
    assert decoded.dtype == (object if schema.has_text or text else np.float64)


@pytest.mark.parametrize(
    ("schema", "body", "message"),
    [
        (MIXED, '[[1, 2.5, "pro", "x", true]]', "instances[0][1] (visits): expected an integer, got 2.5"),
        (MIXED, '[[1, 9223372036854775808, "pro", "x", true]]', "instances[0][1] (visits): expected an integer, got a larger number than fits"),
        (MIXED, '[[1, 2, "por", "x", true]]', 'instances[0][2] (plan): expected one of "basic", "pro", got "por"; did you mean "pro"?'),
        (MIXED, '[[1, 2, "pro", 3, true]]', "instances[0][3] (city): expected a string, got 3"),
        (MIXED, '[[1, 2, "pro", "\\ud800", true]]', 'instances[0][3] (city): expected a string, got "\\ud800"'),
        (MIXED, '[[1, 2, "pro", "x", 1]]', "instances[0][4] (active): expected true or false, got 1"),
        (MIXED, '[{"tenure":"1","visits":1,"plan":"pro","city":"x","active":true}]', 'instances[0].tenure: expected a number, got "1"'),
        (OWN, '[[1, "x"], [1, [2]]]', "instances[1][1] (word): expected a number, a string, true or false, got a list"),
        (OWN_AND_TEXT, "[[1, 8001]]", "instances[0][1] (zip): expected a string, got 8001"),
        (UNNAMED, '[[1, "basic"]]', 'instances[0][1]: expected a number, got "basic"; declare it under model.inputs as type string'),
        (GUESSED, '[["basic"]]', 'instances[0][0] (only): expected a number, got "basic"; declare it under model.inputs as type string'),
        (GUESSED, "[[true]]", "instances[0][0] (only): expected a number, got true"),
        (NUMERIC, "[[3, true, 0.5]]", "instances[0][0] (n): expected one of 1, 2, got 3"),
        (NUMERIC, "[[1, true, 0.6]]", "instances[0][2] (x): expected one of 0.5, got 0.6"),
        (FLOATS, "[[1, 1" + "0" * 400 + "]]", "instances[0][1] (b c): expected a number, got a larger number than fits"),
        (FLOATS, "[[1, 1" + "0" * 5000 + "]]", "the body holds a number with too many digits"),
        (UNNAMED, '[{"a": 1, "b": 2}]', "instances[0]: expected a list, got an object; the columns have no names: send lists, or name the columns in model.inputs of byocgen.yaml"),
        (UNKNOWN, "[[1], [2, 3]]", "instances[1]: expected 1 values as in the first row, got 2"),
        (UNKNOWN, "[[]]", "instances[0]: expected some values as in the first row, got 0"),
        (UNKNOWN, '[["' + "x" * 100 + '"]]', 'instances[0][0]: expected a number, got "' + "x" * 59 + "...; declare it under model.inputs as type string"),
    ],
)  # fmt: skip
def test_json_refused(schema: Schema, body: str, message: str) -> None:
    with pytest.raises(RequestError) as refusal:
        from_json(schema, body.encode())

    assert (refusal.value.status, refusal.value.message) == (400, message)


@pytest.mark.parametrize(
    ("schema", "body", "rows"),
    [
        (FLOATS, "1,2\n3,4", [[1.0, 2.0], [3.0, 4.0]]),
        (FLOATS, "a,b c\n1,2\n", [[1.0, 2.0]]),
        (FLOATS, "b c,a\n1,2\n", [[2.0, 1.0]]),
        (FLOATS, "1,\n", [[1.0, None]]),
        (FLOATS, " 1 , 2 \n", [[1.0, 2.0]]),
        (ONE, "1\n2\n", [[1.0], [2.0]]),
        (ONE, "only\n1\n", [[1.0]]),
        (UNNAMED, "x,y\n1,2\n", [[1.0, 2.0]]),
        (UNKNOWN, "x,y\n1,2\n", [[1.0, 2.0]]),
        (MIXED, '1,2,pro,"Zürich, ""old"" town",true\n', [[1.0, 2, "pro", 'Zürich, "old" town', True]]),
        (MIXED, '1,2,pro,"two\nlines",0\n', [[1.0, 2, "pro", "two\nlines", False]]),
        (MIXED, "plan,city,active,tenure,visits\npro,x,FALSE,1,2\n", [[1.0, 2, "pro", "x", False]]),
        (MIXED, ",,,,\n", [[None] * 5]),
        (NUMERIC, "true,n\n1,true,0.5\n", None),
        (NUMERIC, "1,true,0.5\n", [[1.0, 1.0, 0.5]]),
        (OWN, "1,2\n3,\n", [[1.0, 2.0], [3.0, None]]),
        (OWN, "word,n\nbasic,1\npro,2.5\n", [[1, "basic"], [2.5, "pro"]]),
        (OWN, "1,basic\n2,7\n", [[1, "basic"], [2, "7"]]),
        (OWN, "1,True\n2,false\n3,\n", [[1, True], [2, False], [3, None]]),
        (OWN, "1,true\n2,no\n", [[1, "true"], [2, "no"]]),
        (OWN, "1,1e999\n", [[1, "1e999"]]),
        (OWN_AND_TEXT, "1,08001\n", [[1, "08001"]]),
        (OWN_AND_TEXT, "zip,n\n08001,1\n", [[1, "08001"]]),
    ],
)
def test_csv(schema: Schema, body: str, rows: list[Any] | None) -> None:
    if rows is None:
        with pytest.raises(RequestError):
            from_csv(schema, body.encode())
    else:
        assert listed(from_csv(schema, body.encode())) == rows


@pytest.mark.parametrize(
    ("schema", "body", "message"),
    [
        (FLOATS, "1_0,2\n", 'line 1, column 1 (a): expected a number, got "1_0"'),
        (FLOATS, "1,٣\n", 'line 1, column 2 (b c): expected a number, got "\\u0663"'),
        (FLOATS, "1,1e999\n", "line 1, column 2 (b c): expected a number, got Infinity"),
        (FLOATS, "a,a\n1,2\n", "line 1, column 2 (a): this column is there twice"),
        (FLOATS, "a,b d\n1,2\n", 'line 1, column 2: unknown column "b d"; did you mean "b c"?'),
        (FLOATS, "1,2\n\n3,x\n", 'line 3, column 2 (b c): expected a number, got "x"'),
        (MIXED, "1,2.5,pro,x,true\n", "line 1, column 2 (visits): expected an integer, got 2.5"),
        (MIXED, "1,2,max,x,true\n", 'line 1, column 3 (plan): expected one of "basic", "pro", got "max"'),
        (MIXED, "1,2,pro,x,yes\n", 'line 1, column 5 (active): expected true or false, got "yes"'),
    ],
)
def test_csv_refused(schema: Schema, body: str, message: str) -> None:
    with pytest.raises(RequestError) as refusal:
        from_csv(schema, body.encode())

    assert (refusal.value.status, refusal.value.message) == (400, message)


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["basic", "pro"])
)
names = st.sampled_from(["a", "b c", "only", "tenure", "visits", "plan", "city", "active"]) | st.text(max_size=3)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(names, inner), max_leaves=20)
schemas = st.sampled_from(SCHEMAS)


def outcome(decode: Any, body: bytes) -> Any:
    """Give the rows or the refusal; anything else that is raised fails the test."""
    try:
        return listed(decode(body))
    except RequestError as refusal:
        return refusal.status, json.dumps(refusal.body())


@given(schemas, st.binary() | values.map(lambda value: json.dumps(value).encode()))
def test_any_json_is_decoded_or_refused(schema: Schema, body: bytes) -> None:
    fast = outcome(lambda data: from_json(schema, data), body)
    exact = outcome(lambda data: json_body.exact(data, TableReader(schema)).data, body)

    assert fast == exact


@given(schemas, st.binary() | st.text(alphabet='0123456789.-+eE,\n\r" []abxnN', max_size=40).map(str.encode))
def test_any_csv_is_decoded_or_refused(schema: Schema, body: bytes) -> None:
    fast = outcome(lambda data: from_csv(schema, data), body)
    exact = outcome(lambda data: exactly_from_csv(schema, data), body)

    if "no rows" in str(exact):
        assert "at least one row" in str(fast)
    else:
        assert fast == exact


CELLS = [
    "1",
    "-2",
    "1.0",
    "1e3",
    "",
    " ",
    " 7 ",
    "+1",
    ".5",
    "1.",
    "012",
    "true",
    "FALSE",
    "0",
    "null",
    "basic",
    "pro",
    "x",
]
CELLS += ['"5"', "1,2", "]", "[1", "9" * 18, "9" * 19, "-" + "9" * 30, "1e999", "nan", "1_0", "٣", "Zürich", "0.5", "2"]


@given(schemas, st.data())
def test_by_columns_and_by_cells_gives_the_same_values_of_the_same_types(schema: Schema, data: st.DataObject) -> None:
    width, height = schema.width or 2, data.draw(st.integers(1, 4))
    few = data.draw(st.lists(st.sampled_from(CELLS), min_size=1, max_size=4))
    grid = [[data.draw(st.sampled_from(few)) for _ in range(width)] for _ in range(height)]
    lines, layout = [Line(number, cells) for number, cells in enumerate(grid, 1)], Layout(None, width)
    columns = in_columns(lines, layout, schema, None)
    if columns is None:
        return

    found = to_array_of_columns(columns, schema, mixed=False)
    expected = to_array(exact_rows(lines, layout, schema), schema)

    assert repr(found.tolist()) == repr(expected.tolist())
    assert found.dtype == expected.dtype


@pytest.mark.parametrize(
    ("schema", "row"),
    [
        (FLOATS, ["1", ""]),
        (UNKNOWN, ["1", "2e3"]),
        (MIXED, ["1", "-2", "pro", "a, b", "True"]),
        (MIXED, ["", "", "", "", ""]),
        (NUMERIC, ["2", "0", "0.5"]),
        (OWN, ["1", "x"]),
    ],
)
def test_plain_cells_are_read_by_columns(schema: Schema, row: list[str]) -> None:
    assert in_columns([Line(1, row)] * 3, Layout(None, len(row)), schema, None) is not None


@given(st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=2), min_size=1))
def test_numbers_arrive_as_they_were_sent(rows: list[list[float]]) -> None:
    as_json = json.dumps({"instances": rows}).encode()
    as_csv = "\n".join(",".join(map(repr, row)) for row in rows).encode()

    assert from_json(FLOATS, as_json).tolist() == rows
    assert from_csv(FLOATS, as_csv).tolist() == rows
