"""Memory that runs out, in process: smaller batches in the same order, then 503 or 507; and what is told by its text."""

import logging
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from asking import CSV, JSON, LINES, ask, predictor

from serving import errors, out_of_memory
from serving.columns import Column, named
from serving.hooks import Hooks
from serving.inputs import Tensor, Tensors, Texts

TABLE = named((Column("a"),))
ROWS = "[[1], [2], [3], [4], [5], [6], [7]]"


class OutOfMemoryError(RuntimeError):
    """By its name, torch's."""


class Small:
    """Takes `most` instances at a time."""

    def __init__(self, most: int, error: Exception) -> None:
        self.most = most
        self.error = error
        self.sizes: list[int] = []

    def predict(self, data: Any) -> Any:
        size = len(next(iter(data.values()))) if isinstance(data, dict) else len(data)
        self.sizes.append(size)
        if size > self.most:
            raise self.error
        return [
            row["text"] if isinstance(row, dict) else float(row[0])
            for row in (data["x"] if isinstance(data, dict) else data)
        ]


ERRORS = [
    MemoryError(),
    OutOfMemoryError("CUDA out of memory"),
    RuntimeError("CUDA error: out of memory"),
    RuntimeError("std::bad_alloc"),
]


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_the_batch_is_halved_until_it_fits(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    model = Small(2, error)
    with caplog.at_level(logging.WARNING, "serving"):
        answer = ask(predictor(TABLE, model), ROWS)

    assert answer.text == '{"predictions":[1.0,2.0,3.0,4.0,5.0,6.0,7.0]}'
    assert model.sizes == [7, 4, 2, 2, 2, 1]
    assert [record.fields["retry_instances"] for record in caplog.records] == [4, 2]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("inputs", "body", "predictions"),
    [
        (Texts(), '["a", "b", "c"]', '["a","b","c"]'),
        (Tensors((Tensor("x", "int8", (1,)),)), "[[1], [2], [3]]", "[1.0,2.0,3.0]"),
    ],
)
def test_texts_and_tensors_are_cut_too(inputs: Any, body: str, predictions: str) -> None:
    assert ask(predictor(inputs, Small(1, MemoryError())), body).text == f'{{"predictions":{predictions}}}'


PLACES = [
    (TABLE, JSON, ROWS.replace("6", "-6"), "instances[5][0]", "instances[5][0] (a)"),
    (TABLE, CSV, "a\n\n1\n2\n3\n\n4\n5\n-6\n7\n", "line 9, column 1 (a)", ""),
    (TABLE, LINES, "[1]\n[2]\n\n[3]\n[4]\n[5]\n[-6]\n[7]\n", "line 7[0]", "line 7[0] (a)"),
    (Texts(), JSON, '{"inputs": ["1", "2", "3", "4", "5", "-6", "7"]}', "inputs[5].text", ""),
    (Texts(), JSON, '{"inputs": "-6"}', "inputs.text", ""),
    (Texts(), LINES, '"1"\n"2"\n"3"\n"4"\n"5"\n"-6"\n', "line 6.text", ""),
    (Texts(), CSV, '1\n2\n3\n"4\n4"\n5\n-6\n', "line 7, column 1 (text)", ""),
]


@pytest.mark.parametrize(("inputs", "content_type", "body", "path", "label"), PLACES)
def test_a_value_that_the_model_refuses_is_named_by_its_place_in_the_request(
    inputs: Any, content_type: str, body: str, path: str, label: str
) -> None:
    """The model knows of its part of the batch only, and counts from 0 in each."""

    class Picky(Small):
        def predict(self, data: Any) -> Any:
            answer = super().predict(data)
            for index, value in enumerate(answer):
                if str(value).startswith("-"):
                    rest = ".text" if isinstance(value, str) else "[0]"
                    raise errors.bad_value(f"instances[{index}]{rest}", "too small")
            return answer

    answer = ask(predictor(inputs, Picky(2, MemoryError())), body, content_type)

    assert (answer.status, answer.path, answer.text) == (400, path, f"{label or path}: too small")


@pytest.mark.parametrize(("multi_model", "status"), [(False, 503), (True, 507)])
def test_one_row_that_does_not_fit(status: int, caplog: pytest.LogCaptureFixture, *, multi_model: bool) -> None:
    model = Small(0, MemoryError())
    with caplog.at_level(logging.ERROR, "serving"):
        answer = ask(predictor(TABLE, model, multi_model=multi_model), ROWS)

    assert (answer.status, answer.code) == (status, "out_of_memory")
    assert answer.text == "model.predict ran out of memory; send fewer rows a request"
    assert model.sizes == [7, 4, 2, 1]
    assert [record.getMessage() for record in caplog.records] == ["out_of_memory"]


def test_predict_fn_gets_halves_too() -> None:
    model = Small(2, MemoryError())
    own = Hooks(predict_fn=lambda data, model, _context: model.predict(data))

    assert ask(predictor(TABLE, model, own), "[[1], [2], [3]]").text == '{"predictions":[1.0,2.0,3.0]}'


def test_what_has_no_entry_a_row_is_not_put_together() -> None:
    model = Small(2, MemoryError())
    own = Hooks(predict_fn=lambda data, model, _context: {"sum": sum(model.predict(data))})

    assert ask(predictor(TABLE, model, own), "[[1], [2], [3]]").status == 503


def test_an_error_that_only_speaks_of_memory_is_another() -> None:
    assert ask(predictor(TABLE, Small(0, KeyError("out of memory"))), "[[1]]").status == 500
    assert ask(predictor(TABLE, Small(0, RuntimeError("shapes differ"))), "[[1]]").status == 500


def test_a_decoder_without_memory_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = predictor(TABLE)

    def decode(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(type(asked._decoders), "decode", decode)  # noqa: SLF001
    assert (ask(asked, "[[1]]").status, ask(asked, "[[1]]").text) == (
        503,
        "the server ran out of memory; send fewer rows a request",
    )


def test_the_gpus_cache_is_freed_where_torch_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    freed = []
    cuda = SimpleNamespace(is_available=lambda: True, is_initialized=lambda: True, empty_cache=lambda: freed.append(1))
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))

    out_of_memory.free()

    assert freed == [1]
