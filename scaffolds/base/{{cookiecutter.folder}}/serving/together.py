"""Requests answered together: each decoded, encoded and timed by itself, predicted with what waits beside it.

- The plain way only: the server's own decoding and encoding around the model's own call.
- Joined is only what that does not change: arrays of one type and width, or texts, with the same parameters.
- Whatever is unusual or goes wrong is answered alone, from the start, by `alone`: it words the refusal, and one bad row
  never fails another's request.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from time import perf_counter
from typing import Any, TypeAlias, cast

import msgspec
import numpy as np

from serving import instances, media
from serving.decoding import Decoders, Request
from serving.encoders import encode
from serving.equality import ABSOLUTE, RELATIVE, same
from serving.errors import RequestError
from serving.invocation import Invocation
from serving.output import Outputs
from serving.reply import Reply, Streamed, Timings

MOVES = (0.0, 1.0, -2.5, 0.25)  # how far the instances of a trial lie apart

Answer: TypeAlias = Reply | RequestError
Alone: TypeAlias = Callable[[Invocation], Reply | Streamed]
Given: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Model:
    """What is called: `predict(data, parameters)`, and `parameters` makes of those of a request what it takes.

    `within`: how far numbers that are the same may lie apart, relatively and absolutely.
    """

    predict: Callable[[Any, Given], Any]
    parameters: Callable[[Request], Given]
    name: str
    within: tuple[float, float] = (RELATIVE, ABSOLUTE)


class Read(msgspec.Struct):
    """A request that was read."""

    place: int
    data: Any
    count: int
    parameters: Given
    wanted: str  # the format of its answer, and the name that the client has for it
    content_type: str
    timings: Timings


class Together:
    """Answers the requests of one model."""

    def __init__(self, decoders: Decoders, outputs: Outputs, model: Model, alone: Alone) -> None:
        """Keep what one predictor is made of."""
        self._decoders = decoders
        self._outputs = outputs
        self._model = model
        self._alone = alone
        self._forms = media.remembered(self._choose_forms)

    def answer(self, invocations: Sequence[Invocation]) -> list[Answer]:
        """Answer all. Raises nothing: a refusal is an answer."""
        answers: dict[int, Answer] = {}
        groups: dict[Hashable, list[Read]] = {}
        for place, invocation in enumerate(invocations):
            if read := self._read_plainly(place, invocation):
                kind = _kind(read.data, read.parameters)
                groups.setdefault(place if kind is None else kind, []).append(read)
        for group in groups.values():
            answers.update(self._predict(group))
        return [answers[place] if place in answers else self._by_itself(one) for place, one in enumerate(invocations)]

    def joins(self, invocation: Invocation) -> bool:
        """Tell whether the model answers instances together as it does alone, by a request that it accepts."""
        read = self._read_plainly(0, invocation)
        if read is None or _kind(read.data, read.parameters) is None:
            return False
        several = [_moved(read.data, by) for by in MOVES]
        try:
            alone = [self._model.predict(data, read.parameters) for data in several]
            parts = divided(
                self._model.predict(instances.joined(several), read.parameters), [read.count] * len(several)
            )
        except Exception:  # noqa: BLE001 - whatever it raises, joining does not work
            return False
        return all(same(*pair, *self._model.within) for pair in zip(alone, parts, strict=True))

    def _read_plainly(self, place: int, invocation: Invocation) -> Read | None:
        """Read a request; None where it has to be answered alone, be it that this finds out what is wrong with it."""
        try:
            return self._read(place, invocation)
        except Exception:  # noqa: BLE001 - see above
            return None

    def _read(self, place: int, invocation: Invocation) -> Read | None:
        timings = Timings()
        began = perf_counter()
        content_type, wanted, name = self._forms(invocation.content_type, invocation.accept)
        request = self._decoders.decode(invocation.body, content_type)
        blocks = request.blocks if isinstance(request.blocks, tuple) else tuple(islice(request.blocks, 2))
        if len(blocks) != 1 or request.stream:
            return None
        given = self._model.parameters(request)
        timings.decode_ms = (perf_counter() - began) * 1000
        return Read(place, blocks[0], instances.count(blocks[0]), given, wanted, name, timings)

    def _choose_forms(self, content_type: str, accept: str) -> tuple[str, str, str]:
        """Give the format of a request, that of its answer, and the client's name for it. Raises RequestError."""
        given = media.content_type(content_type)
        return given, *self._outputs.plain(accept, given)

    def _predict(self, group: list[Read]) -> dict[int, Answer]:
        began = perf_counter()
        try:
            data = group[0].data if len(group) == 1 else instances.joined([read.data for read in group])
            parts = divided(
                _plain(self._model.predict(data, group[0].parameters), group), [read.count for read in group]
            )
        except BaseException:  # noqa: BLE001 - which of them is to blame, each will say alone
            return {}
        milliseconds = (perf_counter() - began) * 1000
        answers: dict[int, Answer] = {}
        for read, part in zip(group, parts, strict=True):
            timings = read.timings
            timings.predict_ms, timings.together = milliseconds, len(group)
            try:
                body = timings.encode(encode, self._model.name, read.wanted, part)
            except RequestError as refusal:
                answers[read.place] = refusal
            else:
                answers[read.place] = Reply(body, read.content_type, read.count, timings)
        return answers

    def _by_itself(self, invocation: Invocation) -> Answer:
        try:
            return cast("Reply", self._alone(invocation))  # in pieces only where `stream` is on, and all are alone
        except RequestError as refusal:
            return refusal


def divided(prediction: Any, counts: Sequence[int]) -> list[Any]:
    """Cut a prediction into those of each request. Raises ValueError for one that has no entry an instance."""
    if len(counts) == 1:
        return [prediction]
    if not isinstance(prediction, np.ndarray | list) or len(prediction) != sum(counts):
        raise ValueError("no entry an instance")
    if len(counts) == len(prediction):
        return [prediction[place : place + 1] for place in range(len(counts))]
    ends = np.cumsum(counts).tolist()
    return [prediction[end - count : end] for end, count in zip(ends, counts, strict=True)]


def _plain(prediction: Any, group: list[Read]) -> Any:
    """Turn an array into lists at once where all answers are JSON, which is made of lists."""
    listed = isinstance(prediction, np.ndarray) and prediction.ndim and all(read.wanted == media.JSON for read in group)
    return prediction.tolist() if listed else prediction


def _kind(data: Any, parameters: Given) -> Hashable:
    """Tell what data can be joined with: what gives an equal value. None: nothing."""
    given = tuple(sorted(parameters.items())) if parameters else ()
    if isinstance(data, np.ndarray):
        return (data.dtype.str, data.shape[1:], _types(data) if data.dtype.hasobject else None, given)
    if isinstance(data, list):
        return ("texts", given)
    if isinstance(data, Mapping) and all(isinstance(array, np.ndarray) for array in data.values()):
        return (*((name, array.dtype.str, array.shape[1:]) for name, array in data.items()), given)
    return None


def _moved(data: Any, by: float) -> Any:
    """Give other instances of the same form, where any numbers will do, or longer texts."""
    if isinstance(data, list):
        return [{name: text + " and" * round(abs(by) * 4) for name, text in one.items()} for one in data]
    if isinstance(data, np.ndarray) and data.dtype.kind == "f":
        return data + np.asarray(by, data.dtype)
    return data


def _types(rows: Any) -> Hashable:
    # A data frame's columns get their types from what is in them: those of one request must not change another's.
    types = {tuple(map(type, row)) for row in rows.tolist()}
    return types.pop() if len(types) == 1 else id(rows)
