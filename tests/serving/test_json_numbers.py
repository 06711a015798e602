"""Bodies of nothing but numbers, read without a Python object for each: the same as any JSON decoder reads, or left to others."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from serving import json_numbers

FINITE = st.floats(allow_nan=False, allow_infinity=False)
NUMBERS = FINITE | st.integers(-(2**63), 2**63 - 1)
NESTED = st.recursive(NUMBERS, lambda inner: st.lists(inner, max_size=3), max_leaves=12)


@st.composite
def regular(draw: st.DrawFn) -> Any:
    """Lists of one shape: one to four dimensions."""
    shape = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    flat = draw(st.lists(NUMBERS, min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    return np.array(flat, object).reshape(shape).tolist()


@pytest.mark.parametrize(
    ("body", "root"),
    [
        (b"[[1, 2.5], [3, -4e2]]", "instances"),
        (b' {"instances" : [[1, 2.5], [3, -4e2]]}\n', "instances"),
        (b'{"inputs": [[1, 2.5], [3, -4e2]]}', "inputs"),
    ],
)
def test_plain_forms_are_read(body: bytes, root: str) -> None:
    found = json_numbers.read(body, 2)

    assert found is not None
    assert (found[0], found[1].tolist()) == (root, [[1.0, 2.5], [3.0, -400.0]])
    found[1][0, 0] = 7.0  # a model may write to what it is given


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{}", b"[", b"[]", b"[[]]", b"5", b'"[[1]]"', b"[1, 2]", b"[[[1]]]", b"[[1], 2]", b"[[1], []]"),
        *(b"[[1, 2], [3]]", b"[[1], [2, 3]]", b"[[1, [2]], [3, 4]]", b"[[1, 2, []]]", b"[[[1], 2]]"),
        *(b"[[1, null]]", b"[[1, true]]", b'[[1, "2"]]', b"[[1, {}]]", b"[[1, NaN]]", b"[[1, 1e999]]", b'[[1], "a"]'),
        *(b'[{"a": 1}]', b'[[1], {"a": 1}]', b'{"instances": 5}', b'{"instances": null}', b'{"rows": [[1]]}'),
        *(b'{"instances": [[1]], "parameters": {}}', b'{"instances": [[1]], "instances": [[2]]}'),
        *(b"[[1]] [[2]]", b"[[1]],", b"[[1\xff]]", b"[[1" + b"0" * 400 + b"]]", b"[" * 5000 + b"]" * 5000),
    ],
)
def test_what_is_not_plain_is_left_to_others(body: bytes) -> None:
    assert json_numbers.read(body, 2) is None
    assert json_numbers.read(b"[[1]]", 2) is not None  # nothing is left of it


@given(NESTED | regular(), st.integers(1, 4))
@example([[1, [2]], [3, [4]]], 2)
@example([[1, 2], [[3], 4]], 2)
def test_it_is_never_read_as_anything_else(value: Any, depth: int) -> None:
    try:
        expected = np.array(value, np.float64)
    except ValueError:  # ragged
        expected = np.array(0.0)
    found = json_numbers.read(json.dumps({"instances": value}).encode(), depth)

    if expected.ndim == depth and expected.size:
        assert found is not None
        assert found[1].shape == expected.shape
        assert np.array_equal(found[1], expected)
    else:
        assert found is None


def test_threads_do_not_share_what_they_read_with() -> None:
    bodies = [json.dumps([[float(number)] * 50] * 40).encode() for number in range(64)]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda body: json_numbers.read(body, 2), bodies * 4))

    assert all(one is not None and (one[1] == number % 64).all() for number, one in enumerate(found))
