"""Requests of models that read texts or tensors, in process: every form that is taken, and how the others are refused."""
# ruff: noqa: E501 - a case a line

import json

import numpy as np
import pytest
from asking import CSV, JSON, LINES, NPY, ask, npy, predictor

from serving.inputs import Inputs, Tensor, Tensors, Texts

ONE = Texts()
PAIR = Texts(("question", "context"), optional=("context",))
BOTH = Texts(("question", "context"))
IMAGE = Tensors((Tensor("x", "float32", (2, None)),))
TOKENS = Tensors((Tensor("ids", "int64", (None,)), Tensor("mask", "bool", (None,))))
WORDS = Tensors((Tensor("words", "object", (2,)),))
A, B = {"text": "a"}, {"text": "b"}


@pytest.mark.parametrize(
    ("inputs", "body", "content_type", "given"),
    [
        (ONE, '{"inputs": "a"}', JSON, [A]),
        (ONE, '{"inputs": {"text": "a"}}', JSON, [A]),
        (ONE, '{"inputs": ["a", {"text": "b"}]}', JSON, [A, B]),
        (ONE, '{"instances": ["a", "b"]}', JSON, [A, B]),
        (ONE, '["a"]', JSON, [A]),
        (ONE, '[["a"], "b"]', JSON, [A, B]),
        (PAIR, '[["q"]]', JSON, [{"question": "q"}]),
        (ONE, '"a"\n\n{"text": "b"}', LINES, [A, B]),
        (ONE, "a\nb\n", CSV, [A, B]),
        (ONE, 'text\n"a"\n', CSV, [A]),
        (ONE, '"two\nlines, ""quoted"""\n', CSV, [{"text": 'two\nlines, "quoted"'}]),
        (
            PAIR,
            '["q", {"question": "q", "context": "c"}]',
            JSON,
            [{"question": "q"}, {"question": "q", "context": "c"}],
        ),
        (PAIR, '{"inputs": "q"}', JSON, [{"question": "q"}]),
        (PAIR, '{"inputs": {"question": "q", "context": "c"}}', JSON, [{"question": "q", "context": "c"}]),
        (PAIR, '[{"question": "q"}, {"question": "q", "context": null}]', JSON, [{"question": "q"}] * 2),
        (PAIR, "context,question\nc,q\n,q\n", CSV, [{"question": "q", "context": "c"}, {"question": "q"}]),
        (PAIR, "question\nq\n", CSV, [{"question": "q"}]),
        (IMAGE, "[[[1, 2], [3, 4]]]", JSON, [{"x": [[1.0, 2.0], [3.0, 4.0]]}]),
        (IMAGE, '{"inputs": {"x": [[1], [2]]}}', JSON, [{"x": [[1.0], [2.0]]}]),
        (IMAGE, '{"inputs": {"x": [[[1], [2]], [[3], [4]]]}}', JSON, [{"x": [[1.0], [2.0]]}, {"x": [[3.0], [4.0]]}]),
        (IMAGE, "[[1], [2]]\n[[3], [4]]\n", LINES, [{"x": [[1.0], [2.0]]}, {"x": [[3.0], [4.0]]}]),
        (IMAGE, npy(np.ones((1, 2, 1), "float64")), NPY, [{"x": [[1.0], [1.0]]}]),
        (IMAGE, npy(np.asfortranarray([[[1], [2]]], "int8")), NPY, [{"x": [[1.0], [2.0]]}]),
        (TOKENS, '[{"ids": [1, 2.0], "mask": [true, false]}]', JSON, [{"ids": [1, 2], "mask": [True, False]}]),
        (TOKENS, '{"inputs": {"ids": [[1]], "mask": [[true]]}}', JSON, [{"ids": [1], "mask": [True]}]),
        (WORDS, '[["a", "b"]]', JSON, [{"words": ["a", "b"]}]),
    ],
)
def test_taken(inputs: Inputs, body: bytes | str, content_type: str, given: object) -> None:
    answer = ask(predictor(inputs), body, content_type, JSON)

    assert (answer.status, json.loads(answer.text)) == (200, {"predictions": given})


@pytest.mark.parametrize(
    ("inputs", "body", "message"),
    [
        (ONE, '{"inputs": ["a", 5]}', "inputs[1]: expected a string, got 5"),
        (ONE, '{"inputs": {"txt": "a"}}', 'inputs.txt: unknown field; did you mean "text"?'),
        (ONE, "[[1]]", "instances[0]: expected a string, got a list"),
        (ONE, '["\\ud800"]', 'instances[0]: expected a string, got "\\ud800"'),
        (ONE, '"a"', 'instances: expected a list of instances, got "a"'),
        (ONE, '{"inputs": []}', "inputs: expected at least one instance, got none"),
        (ONE, '{"input": "a"}', 'expected {"instances": [[...], ...]}, got an object with "input"; did you mean "inputs"?'),
        (ONE, '{"inputs": "a", "instances": []}', 'expected "instances" or "inputs", got both'),
        (PAIR, '{"inputs": {"context": "c"}}', "inputs.question: this field is missing"),
        (PAIR, '[{"question": null}]', "instances[0].question: expected a string, got null"),
        (PAIR, "[5]", 'instances[0]: expected a string or an object with "question", "context", got 5'),
        (BOTH, '["q"]', 'instances[0]: expected an object with "question", "context", got "q"'),
        (IMAGE, "[[[1, 2], [3]]]", "instances[0][1]: expected 2 values like the list before, got 1"),
        (IMAGE, "[[[1]]]", "instances[0]: expected 2 values, got 1"),
        (IMAGE, "[[[], []]]", "instances[0][0]: expected some values, got 0"),
        (IMAGE, "[[[1], [null]]]", "instances[0][1][0]: expected a number, got null"),
        (IMAGE, "[[[1], [true]]]", "instances[0][1][0]: expected a number, got true"),
        (IMAGE, "[[[1], [1e39]]]", "instances[0][1][0]: expected a finite number that fits float32, got 1e+39"),
        (IMAGE, "[[[1], [NaN]]]", "instances[0][1][0]: expected a finite number that fits float32, got NaN"),
        (IMAGE, "[[[1], [2]], [[1, 2], [3, 4]]]", "instances[1]: shape [2, 2], where those before have [2, 1]; pad them to one shape, or send them apart"),
        (IMAGE, "[[1, 2]]", "instances[0][0]: expected a list, got 1"),
        (TOKENS, '[{"ids": [1]}]', "instances[0].mask: this tensor is missing"),
        (TOKENS, '[{"ids": [1], "maks": [true]}]', 'instances[0].maks: unknown tensor; did you mean "mask"?'),
        (TOKENS, '[{"ids": [1.5], "mask": [true]}]', "instances[0].ids[0]: expected an integer, got 1.5"),
        (TOKENS, '[{"ids": [9223372036854775808], "mask": [true]}]', "instances[0].ids[0]: expected an integer that fits int64, got a larger number than fits"),
        (TOKENS, '{"inputs": {"ids": [[1], [2]], "mask": [[true]]}}', "inputs: expected as many instances in each tensor, got ids 2, mask 1"),
        (TOKENS, "[[1]]", 'instances[0]: expected an object with "ids", "mask", got a list'),
    ],
)  # fmt: skip
def test_refused(inputs: Inputs, body: str, message: str) -> None:
    answer = ask(predictor(inputs), body)

    assert (answer.status, answer.text) == (400, message)
    assert message.startswith(answer.path or "expected ")


@pytest.mark.parametrize(
    ("inputs", "body", "content_type", "message"),
    [
        (ONE, "a,b\n", CSV, "line 1: expected 1 values, got 2; a text that holds a comma needs quotes"),
        (ONE, '"a"\n5\n', LINES, "line 2: expected a string, got 5"),
        (PAIR, "context\nc\n", CSV, 'line 1: column "question" is missing'),
        (IMAGE, npy(np.ones((2, 3))), NPY, "expected an array of shape [any, 2, any], got [2, 3]"),
        (IMAGE, npy([[["a"], ["b"]]]), NPY, "expected values that fit float32, got an array of <U1"),
        (IMAGE, npy([[[1.0], [np.inf]]]), NPY, "instances[0][1][0]: expected a finite number that fits float32"),
    ],
)
def test_refused_in_other_formats(inputs: Inputs, body: bytes | str, content_type: str, message: str) -> None:
    answer = ask(predictor(inputs), body, content_type)

    assert (answer.status, answer.text) == (400, message)


@pytest.mark.parametrize(("inputs", "content_type"), [(IMAGE, CSV), (TOKENS, NPY), (ONE, NPY)])
def test_a_format_that_cannot_hold_these_inputs_is_415(inputs: Inputs, content_type: str) -> None:
    answer = ask(predictor(inputs), b"", content_type)

    assert (answer.status, answer.code) == (415, "unsupported_media_type")
    assert content_type not in answer.text.partition("; send ")[2]
