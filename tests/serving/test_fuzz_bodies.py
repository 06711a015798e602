"""Any bytes at all, for every decoder: what comes out is an answer or a refusal, never another error, never a stuck process.

Bodies are of three kinds: random bytes, bodies that were right and had bytes changed, and JSON of random structure.
"""

import io
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from asking import CSV, JSON, LINES, NPY, PARQUET, ask, npy, predictor
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from serving.columns import Column, ColumnType, Schema, named
from serving.inputs import Inputs, Tensor, Tensors, Texts

TABLE = named((Column("a"), Column("n", ColumnType.INTEGER), Column("plan", ColumnType.STRING, ("x", "y"))))
OWN = named((Column("a", None), Column("b", None)))
INPUTS: dict[str, Inputs] = {
    "floats": named((Column("a"), Column("b"))),
    "mixed": TABLE,
    "own types": OWN,
    "unknown": Schema(),
    "text": Texts(),
    "texts": Texts(("q", "c"), ("c",)),
    "tensor": Tensors((Tensor("x", "float32", (2,)),)),
    "half": Tensors((Tensor("x", "float16", (None, 1)),)),
    "tensors": Tensors((Tensor("x", "int8", (2,)), Tensor("m", "bool", (None,)), Tensor("w", "object", ()))),
}
PREDICTORS = {name: predictor(inputs) for name, inputs in INPUTS.items()}
STATUSES = {200, 400, 406, 413, 415}
MANY = settings(max_examples=400, deadline=None)


def table_file() -> bytes:
    file = io.BytesIO()
    parquet.write_table(pa.table({"a": [1.5, 2], "n": [1, 2], "plan": ["x", "y"]}), file)
    return file.getvalue()


SEEDS = {
    JSON: [
        b'{"instances": [[1, 2]]}',
        b'{"inputs": "a", "parameters": {"k": 1}}',
        b'[{"x": [1, 2], "m": [true], "w": "a"}]',
        b'[{"q": "a"}]',
    ],
    LINES: [b"[1, 2]\n[3, 4]\n", b'"a"\n{"text": "b"}\n', b'{"a": 1, "n": 2, "plan": "x"}\n'],
    CSV: [b"1,2\n3,4\n", b'a,n,plan\n1,2,"x"\n', b'text\n"a ""b"", c"\n'],
    NPY: [npy([[1.0, 2.0]]), npy([["a", "b"]]), npy(np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")]))],
    PARQUET: [table_file()],
}


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A body that was right, with some bytes changed, left out, or put in."""
    content_type = draw(st.sampled_from(sorted(SEEDS)))
    body = bytearray(draw(st.sampled_from(SEEDS[content_type])))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(body)))
        body[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return content_type, bytes(body)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.just(10**400)
names = st.sampled_from(["a", "b", "n", "plan", "text", "q", "c", "x", "m", "w"]) | st.text(max_size=2)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(names, inner), max_leaves=12)
keys = st.sampled_from(["instances", "inputs", "parameters", "stream"])
documents = values | st.dictionaries(keys, values)
anything = st.tuples(st.sampled_from(sorted(SEEDS)), st.binary(max_size=60))
written = documents.map(lambda value: (JSON, json.dumps(value).encode()))
a_line = st.lists(values, min_size=1, max_size=3).map(lambda found: (LINES, "\n".join(map(json.dumps, found)).encode()))


@pytest.mark.parametrize("name", PREDICTORS)
def test_whatever_comes_is_answered_or_refused(name: str) -> None:
    asked = PREDICTORS[name]

    @MANY
    @given(anything | damaged() | written | a_line, st.sampled_from(["", JSON, CSV, LINES, NPY, PARQUET]))
    def check(request: tuple[str, bytes], accept: str) -> None:
        answer = ask(asked, request[1], request[0], accept)

        assert answer.status in STATUSES, answer
        if answer.status != 200:
            assert answer.text
            json.dumps({"message": answer.text, "path": answer.path})
            assert "Traceback" not in answer.text

    check()


@pytest.mark.parametrize("content_type", SEEDS)
def test_bodies_are_as_right_as_they_look(content_type: str) -> None:
    """The seeds of the test above are requests that some model takes, so that it does not only see noise."""
    taken = [
        any(ask(asked, seed, content_type).status == 200 for asked in PREDICTORS.values())
        for seed in SEEDS[content_type]
    ]

    assert any(taken)


@given(st.binary(max_size=300))
@MANY
def test_no_header_of_npy_is_an_error_of_the_server(tail: bytes) -> None:
    body = b"\x93NUMPY\x01\x00" + len(tail).to_bytes(2, "little") + tail

    assert ask(PREDICTORS["floats"], body, NPY).status == 400


@given(st.text(max_size=30), st.text(max_size=30))
@MANY
def test_no_header_line_is_an_error_of_the_server(content_type: str, accept: str) -> None:
    assert ask(PREDICTORS["floats"], b"[[1, 2]]", content_type, accept).status in STATUSES


def test_deep_nesting_is_refused_everywhere() -> None:
    deep: list[Any] = [
        ask(asked, b"[" * 50_000, content_type) for asked in PREDICTORS.values() for content_type in (JSON, LINES, CSV)
    ]

    assert {answer.status for answer in deep} <= {200, 400, 415}
