"""From a prediction to a response: the format that Accept asks for, output_fn, all at once or in pieces.

An answer comes in pieces where serving.stream is on and the request asks for it, with Accept: text/event-stream or with
`"stream": true`; or where predict_fn or transform_fn gives a generator.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from serving import errors, media, predictions
from serving.calling import call
from serving.context import Context
from serving.encoders import Body, plain
from serving.hooks import Hooks
from serving.invocation import Invocation
from serving.reply import Reply, Streamed, Timings, body_of
from serving.settings import ServerSettings
from serving.stream import FORMS, RAW, Chunks

SWITCH = "set serving.stream to true in byocgen.yaml and run `byocgen sync`"
OFFERS = (*media.FORMATS, *media.STREAMS)


class Outputs:
    """What holds for all responses of one model."""

    def __init__(self, own: Hooks, server: ServerSettings | None) -> None:
        """Keep the settings."""
        self.output_fn = own.output_fn
        self.own_format = bool(own.output_fn or own.transform_fn)
        self.can_stream = server is not None and server.stream
        self.generates = bool(own.predict_fn)
        self.batch = server is not None and server.batch

    def plain(self, accept: str, content_type: str) -> tuple[str, str]:
        """Give the format of an answer all at once, and its name; `content_type` is the request's. Raises RequestError."""
        wanted = media.choose(accept, media.FORMATS)
        if media.is_open(accept):
            wanted = self._preferred(content_type)
        return wanted, media.spelled(accept, wanted)

    def begin(self, invocation: Invocation, timings: Timings) -> "Output":
        """Choose the format of a response. Raises RequestError (406)."""
        accept = invocation.accept
        is_open = media.is_open(accept)
        if self.own_format:
            wanted = media.first_choice(accept)
        else:
            wanted = media.choose(accept, OFFERS)
            if is_open:
                wanted = self._preferred(media.content_type(invocation.content_type))
        return Output(self, wanted, accept, is_open, invocation.context, timings)

    def _preferred(self, content_type: str) -> str:
        # A record a line comes back a line where lines are counted: batch jobs put answers beside their records.
        if content_type == media.JSON_LINES or (content_type == media.CSV and self.batch):
            return content_type
        return media.JSON


@dataclass(slots=True)
class Output:
    """The response to one request in the making; `wanted` is its media type, `is_open` that any would have done."""

    of_model: Outputs
    wanted: str
    accept: str
    is_open: bool
    context: Context
    timings: Timings
    form: str | None = None  # of an answer in pieces, None for one at once
    rows: int | None = None

    def in_pieces(self, asked: bool, model_streams: bool) -> bool:  # noqa: FBT001 - two facts about the request
        """Tell whether the framework shall answer in pieces. Raises RequestError where that cannot be had."""
        if self.of_model.own_format:
            return False
        if self.wanted != media.EVENTS and not asked:
            if self.wanted == media.TEXT:
                raise errors.not_acceptable(self.accept, media.listed(media.FORMATS))
            return False
        status, path = (406, None) if self.wanted == media.EVENTS else (400, "stream")
        if not self.of_model.can_stream:
            raise errors.no_stream(status, path, SWITCH)
        if not model_streams and not self.of_model.generates:
            raise errors.no_stream(status, path, "this model has its answer all at once")
        forms = {media.JSON: media.EVENTS, media.EVENTS: media.EVENTS}
        self.form = forms.get(self.wanted, self.wanted)
        if self.form not in {media.EVENTS, media.JSON_LINES, media.TEXT}:
            wanted = media.listed((media.EVENTS, media.JSON_LINES, media.TEXT))
            raise errors.no_stream(status, path, f"not as {self.wanted}; ask for {wanted}")
        return model_streams

    def of_parts(self, function: str, parts: Iterator[tuple[Any, int]]) -> Reply | Streamed:
        """Answer with the predictions of some blocks. Raises RequestError."""
        body, rows, held = None, 0, []
        for prediction, count in parts:
            rows += count
            if self.of_model.output_fn or self.form or isinstance(prediction, Iterator):
                held.append(prediction)
                continue
            body = body or Body(function, self.wanted)
            self.timings.encode(body.add, prediction)
        if body is not None:
            return self._reply(
                self.timings.encode(body.finish), self._type(media.spelled(self.accept, self.wanted)), rows
            )
        return self.of(function, predictions.joined(held), rows)

    def of(self, function: str, prediction: Any, rows: int | None) -> Reply | Streamed:
        """Answer with one prediction. Raises RequestError."""
        self.rows = rows
        if self.of_model.output_fn:
            arguments = (self.of_model.output_fn, prediction, self.wanted, self.context)
            return self.own("output_fn", self.timings.encode(call, "output_fn", *arguments))
        if isinstance(prediction, Iterator):
            lines = self.of_model.can_stream and (self.is_open or self.wanted == media.JSON_LINES)
            self.form = self.form or (media.JSON_LINES if lines else None)
            if self.form:
                return self.streamed(function, prediction)
            prediction = self.timings.predict(call, function, list, prediction)
        elif self.form:
            pieces = self.timings.encode(plain, prediction)
            return self.streamed(function, iter(pieces if isinstance(pieces, list) else [pieces]))
        body = Body(function, self.wanted)
        self.timings.encode(body.add, prediction)
        return self._reply(self.timings.encode(body.finish), self._type(media.spelled(self.accept, self.wanted)), rows)

    def streamed(self, function: str, pieces: Iterator[Any]) -> Streamed:
        """Answer in pieces; the first is made now. Raises RequestError."""
        content_type = self.form or self.wanted
        chunks = Chunks(function, pieces, FORMS[content_type], self.timings)
        return self._streamed(chunks, self._type(media.spelled(self.accept, content_type)))

    def own(self, function: str, result: Any) -> Reply | Streamed:
        """Answer with what output_fn or transform_fn returned. Raises RequestError."""
        pieces, content_type = (
            result if isinstance(result, tuple) and len(result) == 2 else (result, self._type(self.wanted))
        )
        if not isinstance(pieces, Iterator):
            return self._reply(*body_of(function, result, self._type(self.wanted)), self.rows)
        if not self.of_model.can_stream:
            whole: list[Any] = self.timings.predict(call, function, list, pieces)
            parts = [body_of(function, part, content_type)[0] for part in whole]
            return self._reply(b"".join(parts), content_type, self.rows)
        chunks = Chunks(function, pieces, RAW, self.timings)
        return self._streamed(chunks, content_type)

    def _type(self, content_type: str) -> str:
        return self.context.response_content_type or content_type

    def _reply(self, body: bytes, content_type: str, rows: int | None) -> Reply:
        return Reply(body, content_type, rows, self.timings, *self._said())

    def _streamed(self, chunks: Chunks, content_type: str) -> Streamed:
        return Streamed(chunks, content_type, self.rows, self.timings, *self._said())

    def _said(self) -> tuple[str | None, int, tuple[tuple[str, str], ...]]:
        """Give what functions of the user said about the answer, by way of the context."""
        context = self.context
        return context.response_custom_attributes, context.response_status, tuple(context.response_headers.items())
