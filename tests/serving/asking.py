"""Asking a predictor in this process: a model that shows what it was given, and an answer in a form to compare."""

import io
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from serving import settings
from serving.errors import RequestError
from serving.hooks import Hooks
from serving.inputs import Inputs
from serving.invocation import Invocation
from serving.predictor import Predictor
from serving.reply import Streamed

JSON = "application/json"
CSV = "text/csv"
LINES = "application/jsonlines"
NPY = "application/x-npy"
PARQUET = "application/x-parquet"
EVENTS = "text/event-stream"


class Shows:
    """Predicts what it was given."""

    def predict(self, data: Any) -> Any:
        if isinstance(data, dict):
            columns = [array.tolist() for array in data.values()]
            return [dict(zip(data, instance, strict=True)) for instance in zip(*columns, strict=True)]
        return data if isinstance(data, list) else data.tolist()


class Sums:
    """Predicts the sum of each row."""

    def predict(self, data: Any) -> Any:
        return data.sum(axis=1)


@dataclass(frozen=True)
class Answer:
    """What came back: of a refusal the code and the path too."""

    status: int
    text: str
    content_type: str = ""
    code: str = ""
    path: str | None = None


def predictor(inputs: Inputs, model: Any = None, own: Hooks | None = None, **server: bool) -> Predictor:
    return Predictor(model or Shows(), own or Hooks(), inputs, limits(**server))


def limits(**server: Any) -> settings.ServerSettings:
    return replace(settings.ServerSettings(8080, 1, 1, 1, 1, 1, 8, 60, 1 << 20, 20), **server)


def ask(asked: Predictor, body: bytes | str, content_type: str = JSON, accept: str = "") -> Answer:
    """Give the answer; anything raised but RequestError fails the test."""
    try:
        answer = asked.answer(Invocation(body.encode() if isinstance(body, str) else body, content_type, accept))
    except RequestError as refusal:
        return Answer(refusal.status, refusal.message, "", refusal.code, refusal.path)
    content = b"".join(answer.chunks) if isinstance(answer, Streamed) else answer.body
    return Answer(200, content.decode("utf-8", "replace"), answer.content_type)


def npy(array: Any, version: tuple[int, int] = (1, 0)) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), version)
    return file.getvalue()
