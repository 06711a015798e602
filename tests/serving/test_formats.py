"""Formats beside JSON and CSV, in process: JSON Lines, NPY, Parquet; negotiation between all; `parameters`."""
# ruff: noqa: E501 - a case a line

import io
import struct
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from asking import CSV, EVENTS, JSON, LINES, NPY, PARQUET, Sums, ask, npy, predictor
from pyarrow import parquet

from serving import framework, media, parquet_body
from serving.columns import Column, ColumnType, Schema, named
from serving.inputs import Parameter
from serving.invocation import Invocation

AB = named((Column("a"), Column("b")))
MIXED = named(
    (Column("n", ColumnType.INTEGER), Column("plan", ColumnType.STRING, ("x", "y")), Column("on", ColumnType.BOOLEAN))
)
SWITCH = named((Column("a"), Column("on", ColumnType.BOOLEAN), Column("n", ColumnType.INTEGER)))


def table(**columns: Any) -> bytes:
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file)
    return file.getvalue()


RECORDS = np.array([(2, 1.5)], dtype=[("b", "i4"), ("a", "f8")])


@pytest.mark.parametrize(
    ("schema", "body", "content_type", "rows"),
    [
        (Schema(), npy([[1, 2]]), NPY, "[[1.0,2.0]]"),
        (AB, "[1, 2]\r\n[3, null]", LINES, "[[1.0,2.0],[3.0,null]]"),
        (AB, '\ufeff{"b": 2, "a": 1}', "application/x-ndjson", "[[1.0,2.0]]"),
        (MIXED, '[1, "x", true]\n[2, "y", null]', "application/jsonl", '[[1,"x",true],[2,"y",null]]'),
        (AB, npy([[1, 2]]), NPY, "[[1.0,2.0]]"),
        (AB, npy(np.asfortranarray([[1, 2], [3, 4]], ">i2")), NPY, "[[1.0,2.0],[3.0,4.0]]"),
        (AB, npy([[1, np.nan]]), NPY, "[[1.0,null]]"),
        (AB, npy([["1", "2.5"]]), NPY, "[[1.0,2.5]]"),
        (AB, npy(RECORDS), NPY, "[[1.5,2.0]]"),
        (SWITCH, npy([[0.5, 1, 7]]), NPY, "[[0.5,1.0,7.0]]"),
        (Schema(), npy([[1, 2, 3]], (2, 0)), NPY, "[[1.0,2.0,3.0]]"),
        (AB, table(b=[1, 2], a=[0.5, None]), PARQUET, "[[0.5,1.0],[null,2.0]]"),
        (MIXED, table(n=[1], plan=["x"], on=[True]), PARQUET, '[[1,"x",true]]'),
        (Schema(width=2), table(q=[1], r=[2]), "application/vnd.apache.parquet", "[[1.0,2.0]]"),
    ],
)
def test_taken(schema: Schema, body: bytes | str, content_type: str, rows: str) -> None:
    answer = ask(predictor(schema), body, content_type, JSON)

    assert (answer.status, answer.text) == (200, f'{{"predictions":{rows}}}')


def header(text: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


HOW = "; numpy.save(file, array, allow_pickle=False) writes what is accepted"
NO_NPY = "the body is no NPY file that this server reads" + HOW


@pytest.mark.parametrize(
    ("schema", "body", "content_type", "message"),
    [
        (AB, "[1, 2]\n\n[3]\n", LINES, "line 3: expected 2 values, got 1"),
        (AB, '[1, 2]\n[3, "x"]', LINES, 'line 2[1] (b): expected a number, got "x"'),
        (AB, '[1, 2]\n{"a": 1, "b": 2}', LINES, "line 2: expected a list like the rows before, got an object"),
        (AB, "[1, 2], [3, 4]\n", LINES, "line 1 is not JSON: Extra data at line 1 column 7"),
        (AB, "[1,\n2]\n", LINES, "line 1 is not JSON: Expecting value at line 1 column 4"),
        (AB, "\n \n", LINES, "expected at least one line, got none"),
        (Schema(), "[1]\n[2, 3]\n", LINES, "line 2: expected 1 values as in the first row, got 2"),
        (AB, b"", NPY, NO_NPY),
        (AB, b"\x93NUMPY", NPY, NO_NPY),
        (AB, header("{" * 3000), NPY, NO_NPY),
        (AB, header("{'descr': '<f8', 'fortran_order': False, 'shape': (" + "9" * 3900 + ",)}"), NPY, None),
        (AB, header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 2)}\n") + bytes(16), NPY, "the header announces 16000000000000 bytes of values, the body has 16"),
        (AB, header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -2)}\n") + bytes(16), NPY, "the header announces 16 bytes of values, the body has 16"),
        (AB, header("{'descr': '|O', 'fortran_order': False, 'shape': (1, 2)}\n") + b"cos\nsystem\n(S'true'\ntR.", NPY, "expected numbers or text, got an array of object" + HOW),
        (AB, npy(np.array([[1, None]])), NPY, "expected numbers or text, got an array of object" + HOW),
        (AB, npy([[1j, 2]]), NPY, "expected numbers or text, got an array of complex128" + HOW),
        (AB, npy(["2020-01-01"]).replace(b"<U10", b"<M8 "), NPY, None),
        (AB, npy([1.0, 2.0]), NPY, "expected an array of shape [rows, 2], got [2]"),
        (AB, npy([[1.0, 2.0, 3.0]]), NPY, "expected an array of shape [rows, 2], got [1, 3]"),
        (AB, npy(np.zeros((0, 2))), NPY, "the header announces 0 bytes of values, the body has 0"),
        (AB, npy([[1.0, 2.0], [3.0, -np.inf]]), NPY, "instances[1][1] (b): expected a number, got -Infinity"),
        (AB, npy([["1", "x"]]), NPY, 'instances[0][1] (b): expected a number, got "x"'),
        (AB, npy(np.array([(1, 2.0)], [("a", "i4"), ("c", "f8")])), NPY, "expected records with the fields a, b, got a, c"),
        (MIXED, npy([[1, 2, 1]]), NPY, "instances[0][1] (plan): expected a string, got 2"),
        (SWITCH, npy([[1, 2, 3]]), NPY, "instances[0][1] (on): expected true or false, got 2"),
        (SWITCH, npy([[1, 1, 2.5]]), NPY, "instances[0][2] (n): expected an integer, got 2.5"),
        (AB, b"PAR1 not", PARQUET, "the body is no Parquet file that this server reads (ArrowInvalid)"),
        (AB, table(a=[1]), PARQUET, 'column "b": this column is missing'),
        (AB, table(a=[1], b=[1], bb=[1]), PARQUET, 'column "bb": unknown column; did you mean "b"?'),
        (AB, table(a=[1], b=["x"]), PARQUET, 'instances[0][1] (b): expected a number, got "x"'),
        (AB, table(a=[1, 2], b=[1, float("inf")]), PARQUET, "instances[1][1] (b): expected a number, got Infinity"),
        (AB, table(a=[1], b=[[1]]), PARQUET, "instances[0][1] (b): expected a number, got list"),
        (AB, table(a=[], b=[]), PARQUET, "expected at least one row, got none"),
        (Schema(width=2), table(a=[1]), PARQUET, "expected 2 columns, got 1"),
        (MIXED, table(n=[1], plan=["z"], on=[True]), PARQUET, 'instances[0][1] (plan): expected one of "x", "y", got "z"'),
    ],
)  # fmt: skip
def test_refused(schema: Schema, body: bytes | str, content_type: str, message: str | None) -> None:
    answer = ask(predictor(schema), body, content_type)

    assert answer.status == 400
    assert message in {None, answer.text}


@pytest.mark.parametrize(
    "columns",
    [{"a": np.zeros(4000), "b": np.zeros(4000)}, {"a": ["x" * 1000] * 4000, "b": ["y"] * 4000}],
    ids=["numbers", "one long text, many times"],
)
def test_parquet_that_stands_for_more_than_fits_is_413(monkeypatch: pytest.MonkeyPatch, columns: Any) -> None:
    monkeypatch.setattr(parquet_body, "MOST_BYTES", 30_000)
    body = table(**columns)

    assert len(body) < 30_000
    answer = ask(predictor(AB), body, PARQUET)
    assert (answer.status, answer.code) == (413, "payload_too_large")


def varint(number: int) -> bytes:
    """Write a number as Parquet's metadata does."""
    number *= 2
    groups = [number >> shift & 0x7F for shift in range(0, max(1, number.bit_length()), 7)]
    return bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])


def test_parquet_that_says_less_than_it_stands_for_is_413(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_body, "MOST_BYTES", 30_000)
    body = table(a=np.zeros(4000), b=np.arange(4000.0))
    group = parquet.ParquetFile(io.BytesIO(body)).metadata.row_group(0)
    truth, lie = varint(group.total_byte_size), varint(20_000)
    assert (body.count(truth), len(truth)) == (1, len(lie))

    answer = ask(predictor(AB), body.replace(truth, lie), PARQUET)

    assert (answer.status, answer.code) == (413, "payload_too_large")
    monkeypatch.setattr(parquet_body, "_bytes", lambda _column: 0)
    assert ask(predictor(AB), body.replace(truth, lie), PARQUET).status == 413  # before a value was read


def test_too_many_rows_of_parquet_are_413(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_body, "MOST_ROWS", 3)

    assert ask(predictor(AB), table(a=[1] * 4, b=[1] * 4), PARQUET).status == 413


def test_without_pyarrow_the_refusal_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "HAS_PARQUET", False)

    answer = ask(predictor(AB), b"", PARQUET)
    assert (answer.status, answer.text.rpartition("; ")[2]) == (
        415,
        "for Parquet add pyarrow to model.requirements in byocgen.yaml",
    )


@pytest.mark.parametrize(
    ("content_type", "accept", "chosen"),
    [
        (JSON, "", JSON),
        (JSON, LINES, LINES),
        (JSON, "application/x-ndjson", "application/x-ndjson"),
        (JSON, NPY, NPY),
        (JSON, f"{PARQUET};q=0.5, {NPY};q=0.6", NPY),
        (JSON, PARQUET, PARQUET),
        (JSON, f"{EVENTS};q=0.5, {JSON};q=0.6", JSON),
        (LINES, "", LINES),
        (LINES, "*/*", LINES),
        (LINES, JSON, JSON),
        (CSV, "", JSON),
    ],
)
def test_negotiation(content_type: str, accept: str, chosen: str) -> None:
    body = {JSON: "[[1, 2]]", LINES: "[1, 2]", CSV: "1,2"}[content_type]

    assert ask(predictor(AB, Sums()), body, content_type, accept).content_type == chosen


def test_a_batch_job_gets_csv_for_csv() -> None:
    asked = predictor(AB, Sums(), batch=True)

    assert (ask(asked, "1,2\n3,4\n", CSV).text, ask(asked, "1,2\n", CSV, JSON).text) == (
        "3.0\n7.0\n",
        '{"predictions":[3.0]}',
    )


def test_arrays_and_tables_come_back_whole() -> None:
    asked = predictor(AB, Sums())
    rows = b"[[1, 2], [3, 4]]"
    as_npy, as_parquet = (asked.answer(Invocation(rows, JSON, accept)).body for accept in (NPY, PARQUET))  # type: ignore[union-attr]
    assert np.load(io.BytesIO(as_npy), allow_pickle=False).tolist() == [3.0, 7.0]
    assert parquet.read_table(io.BytesIO(as_parquet)).to_pydict() == {"prediction": [3.0, 7.0]}


KNOWN = (
    Parameter("max_new_tokens", ColumnType.INTEGER, 1, 100, default=20),
    Parameter("temperature", ColumnType.FLOAT, 0.0),
    Parameter("mode", ColumnType.STRING, values=("fast", "good")),
)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The parameters that the framework was given."""
    given: list[Any] = []
    monkeypatch.setattr(framework, "parameters", lambda _model: KNOWN)

    def predict(data: Any, _model: Any, parameters: Any) -> Any:
        given.append(dict(parameters))
        return data

    monkeypatch.setattr(framework, "predict", predict)
    return given


@pytest.mark.parametrize(
    ("body", "parameters"),
    [
        ("[[1, 2]]", {"max_new_tokens": 20}),
        ('{"inputs": [[1, 2]], "parameters": {"temperature": 1, "mode": "good"}}', {"max_new_tokens": 20, "temperature": 1.0, "mode": "good"}),
        ('{"inputs": [[1, 2]], "parameters": {"max_new_tokens": 5}}', {"max_new_tokens": 5}),
        ('{"instances": [[1, 2]], "parameters": null}', {"max_new_tokens": 20}),
    ],
)  # fmt: skip
def test_parameters_reach_the_framework(seen: list[Any], body: str, parameters: dict[str, Any]) -> None:
    assert ask(predictor(AB), body).status == 200
    assert seen == [parameters]


@pytest.mark.usefixtures("seen")
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ('{"max_new_token": 5}', 'parameters.max_new_token: unknown parameter; did you mean "max_new_tokens"?'),
        ('{"zzz": 5}', "parameters.zzz: unknown parameter; this model takes max_new_tokens, temperature, mode"),
        ('{"max_new_tokens": 0}', "parameters.max_new_tokens: expected at least 1 and at most 100, got 0"),
        ('{"max_new_tokens": 1.5}', "parameters.max_new_tokens: expected an integer, got 1.5"),
        ('{"max_new_tokens": true}', "parameters.max_new_tokens: expected an integer, got true"),
        ('{"temperature": -1}', "parameters.temperature: expected at least 0, got -1.0"),
        ('{"temperature": NaN}', "parameters.temperature: expected a number, got NaN"),
        ('{"mode": "god"}', 'parameters.mode: expected one of "fast", "good", got "god"; did you mean "good"?'),
        ("5", "parameters: expected an object, got 5"),
    ],
)
def test_wrong_parameters(parameters: str, message: str) -> None:
    answer = ask(predictor(AB), f'{{"inputs": [[1, 2]], "parameters": {parameters}}}')

    assert (answer.status, answer.text, answer.path) == (400, message, message.partition(":")[0])
