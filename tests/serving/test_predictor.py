"""Around the model, in process: what a failing model is answered with, and that whatever the body, the answer is a refusal."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving import framework
from serving.columns import Column, ColumnType, named
from serving.errors import RequestError
from serving.hooks import Hooks
from serving.inputs import Parameter, Texts
from serving.invocation import Invocation
from serving.predictor import Predictor
from serving.reply import Reply

SCHEMA = named((Column("tenure"), Column("plan", ColumnType.STRING)))


class Model:
    """Predicts the number of rows, or raises."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def predict(self, rows: Any) -> Any:
        if self.error:
            raise self.error
        return [len(rows)]


def answer(model: Model, body: bytes, content_type: str = "application/json", accept: str = "") -> tuple[int, str]:
    """Give status and body, or status and message."""
    try:
        reply = Predictor(model, Hooks(), SCHEMA).answer(Invocation(body, content_type, accept))
    except RequestError as refusal:
        return refusal.status, refusal.message
    assert isinstance(reply, Reply)
    return 200, reply.body.decode()


@pytest.mark.parametrize("error", [ValueError("contains NaN"), TypeError("float and str")])
def test_a_model_that_fails_on_a_missing_value_makes_the_request_wrong(error: Exception) -> None:
    problem = "this value is missing, and the model does not take missing values"

    assert answer(Model(error), b'[[1, "x"], [2, null]]') == (400, f"instances[1][1] (plan): {problem}")


def test_a_model_that_takes_missing_values_gets_them() -> None:
    assert answer(Model(), b"[[null, null]]") == (200, '{"predictions":[1]}')


@pytest.mark.parametrize("error", [ValueError("secret"), KeyError("secret"), ZeroDivisionError()])
def test_a_model_that_fails_otherwise_is_an_error_of_the_server(error: Exception) -> None:
    expected = f"model.predict raised {type(error).__name__}; the endpoint's log has the traceback"

    assert answer(Model(error), b'[[1, "x"]]') == (500, expected)


@given(st.binary(), st.sampled_from(["application/json", "text/csv", ""]), st.text(max_size=20))
def test_no_request_is_an_error_of_the_server(body: bytes, content_type: str, accept: str) -> None:
    status, text = answer(Model(), body, content_type, accept)

    assert status in {200, 400, 406}
    json.dumps(text)


@given(st.text(max_size=20))
def test_no_content_type_is_an_error_of_the_server(content_type: str) -> None:
    assert answer(Model(), b'[[1, "x"]]', content_type)[0] in {200, 400, 415}


def test_the_warm_up_asks_for_as_little_as_the_framework_says(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    known = (Parameter("max_new_tokens", ColumnType.INTEGER, minimum=1, default=256), Parameter("k", ColumnType.FLOAT))
    monkeypatch.setattr(framework, "parameters", lambda _model: known)

    def predict(data: list[Any], _model: object, given: dict[str, Any]) -> list[int]:
        asked.append(dict(given))
        return [0] * len(data)

    monkeypatch.setattr(framework, "predict", predict)
    predictor = Predictor(Model(), Hooks(), Texts())

    predictor.warm_up()
    monkeypatch.setattr(framework, "warm_up_parameters", lambda _model: {"max_new_tokens": 1}, raising=False)
    predictor.warm_up()

    assert asked == [{"max_new_tokens": 256}, {"max_new_tokens": 1}]
