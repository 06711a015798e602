"""Answers in pieces, in process: the three forms, errors before and amid, a reader that leaves, and when it is refused."""
# ruff: noqa: E501 - a case a line

from collections.abc import Iterator
from typing import Any

import pytest
from asking import CSV, EVENTS, JSON, LINES, ask, predictor

from serving import framework
from serving.errors import RequestError
from serving.hooks import Hooks
from serving.inputs import Texts
from serving.invocation import Invocation
from serving.predictor import Predictor
from serving.reply import Streamed

ASKED = '{"inputs": "a b", "stream": true}'
SWITCH = "an answer in pieces cannot be had: set serving.stream to true in byocgen.yaml and run `byocgen sync`"


class Words:
    """The framework's stream: a piece a word; `fail` raises at that word."""

    def __init__(self) -> None:
        self.closed = False

    def stream(self, data: Any, _model: Any, _parameters: Any) -> Iterator[Any]:
        try:
            for word in data[0]["text"].split():
                if word == "fail":
                    raise KeyError("secret")
                yield {"token": word} if word == "object" else word
        finally:
            self.closed = True


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> Words:
    made = Words()
    monkeypatch.setattr(framework, "stream", made.stream, raising=False)
    return made


@pytest.fixture
def asked(words: Words) -> Predictor:
    assert not words.closed
    return predictor(Texts(), stream=True)


@pytest.mark.parametrize(
    ("body", "accept", "content_type", "text"),
    [
        (ASKED, "", EVENTS, 'data: "a"\n\ndata: "b"\n\nevent: end\ndata: {}\n\n'),
        ('["a"]', EVENTS, EVENTS, 'data: "a"\n\nevent: end\ndata: {}\n\n'),
        (ASKED, JSON, EVENTS, 'data: "a"\n\ndata: "b"\n\nevent: end\ndata: {}\n\n'),
        (ASKED, LINES, LINES, '"a"\n"b"\n'),
        (ASKED, "text/plain", "text/plain", "ab"),
        ('{"inputs": "object", "stream": true}', LINES, LINES, '{"token":"object"}\n'),
        ('["a fail"]', EVENTS, EVENTS, 'data: "a"\n\nevent: error\ndata: {"error":{"code":"prediction_failed","message":"model.stream raised KeyError; the endpoint\'s log has the traceback"}}\n\n'),
        ('["a"]', f"{EVENTS};q=0.5, {JSON}", JSON, '{"predictions":[{"text":"a"}]}'),
    ],
)  # fmt: skip
def test_forms(asked: Predictor, body: str, accept: str, content_type: str, text: str) -> None:
    answer = ask(asked, body, JSON, accept)

    assert (answer.status, answer.content_type, answer.text) == (200, content_type, text)


def test_an_error_before_the_first_piece_has_its_own_status(asked: Predictor, words: Words) -> None:
    answer = ask(asked, '["fail"]', JSON, EVENTS)

    assert (answer.status, answer.code, words.closed) == (500, "prediction_failed", True)


def test_plain_text_has_no_form_for_an_error_so_it_is_raised(asked: Predictor) -> None:
    answer = asked.answer(Invocation(b'{"inputs": "a fail", "stream": true}', JSON, "text/plain"))
    assert isinstance(answer, Streamed)

    assert next(answer.chunks) == b"a"
    with pytest.raises(RequestError):
        next(answer.chunks)


@pytest.mark.parametrize("taken", [0, 1])
def test_a_reader_that_leaves_stops_the_work(asked: Predictor, words: Words, taken: int) -> None:
    answer = asked.answer(Invocation(b'["a b c"]', JSON, EVENTS))
    assert isinstance(answer, Streamed)
    for _ in range(taken):
        next(answer.chunks)
    assert not words.closed

    answer.chunks.close()  # type: ignore[attr-defined]

    assert words.closed
    assert list(answer.chunks)[1 - taken :] == []


@pytest.mark.parametrize(
    ("body", "accept", "status", "path"),
    [('["a"]', EVENTS, 406, None), (ASKED, "", 400, "stream"), (ASKED, EVENTS, 406, None)],
)
@pytest.mark.usefixtures("words")
def test_without_the_switch_the_refusal_names_it(body: str, accept: str, status: int, path: str | None) -> None:
    answer = ask(predictor(Texts()), body, JSON, accept)

    assert (answer.status, answer.path, answer.text) == (status, path, SWITCH)


def test_what_cannot_stream_says_so(asked: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        ask(asked, '{"inputs": ["a", "b"], "stream": true}').text
        == "instances: an answer in pieces is for one instance, got 2"
    )
    assert "not as text/csv" in ask(asked, ASKED, JSON, CSV).text
    assert ask(asked, '{"inputs": "a", "stream": 1}').text == "stream: expected true or false, got 1"
    monkeypatch.delattr(framework, "stream")
    assert "this model has its answer all at once" in ask(asked, ASKED).text


def generator(data: Any, _model: Any, _context: Any) -> Iterator[Any]:
    yield from data[0]["text"].split()


@pytest.mark.parametrize(
    ("stream", "body", "accept", "content_type", "text"),
    [
        (True, '["a b"]', "", LINES, '"a"\n"b"\n'),
        (True, '["a b"]', EVENTS, EVENTS, 'data: "a"\n\ndata: "b"\n\nevent: end\ndata: {}\n\n'),
        (True, '["a b"]', JSON, JSON, '{"predictions":["a","b"]}'),
        (False, '["a b"]', "", JSON, '{"predictions":["a","b"]}'),
    ],
)
def test_generators_of_predict_fn(body: str, accept: str, content_type: str, text: str, *, stream: bool) -> None:
    answer = ask(predictor(Texts(), None, Hooks(predict_fn=generator), stream=stream), body, JSON, accept)

    assert (answer.status, answer.content_type, answer.text) == (200, content_type, text)


def test_predict_fn_without_a_generator_is_sent_in_pieces_too() -> None:
    own = Hooks(predict_fn=lambda data, _model, _context: [len(data)])

    assert (
        ask(predictor(Texts(), None, own, stream=True), '["a"]', JSON, EVENTS).text
        == "data: 1\n\nevent: end\ndata: {}\n\n"
    )
