"""The model and what surrounds it: input_fn, predict_fn and output_fn, the user's where defined, else the server's.

Loaded once a worker, then called from the lane's threads. Code that raises is answered as a RequestError; its traceback
is the error's cause, for the log.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from serving import errors, framework, hooks, media, reply
from serving.columns import Schema, named
from serving.csv_body import CsvBody
from serving.errors import RequestError, StartError
from serving.hooks import Hooks
from serving.json_body import JsonBody
from serving.reply import Reply
from serving.rows import Rows, cell_label, cell_path, first_missing
from serving.settings import PROJECT, Settings

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Invocation:
    """A request as it came."""

    body: bytes
    content_type: str
    accept: str


class Predictor:
    """Answers invocations with one model."""

    def __init__(self, model: Any, own: Hooks, schema: Schema) -> None:
        """Prepare the decoders for the schema's columns."""
        self._model = model
        self._hooks = own
        self.schema = schema
        self._bodies = {media.JSON: JsonBody(schema).decode, media.CSV: CsvBody(schema).decode}

    @classmethod
    def load(cls, config: Settings) -> "Predictor":
        """Import inference.py and load the model. Raises StartError, and whatever model_fn raises."""
        own = hooks.load(PROJECT)
        model = own.model_fn(str(config.model.folder)) if own.model_fn else framework.load(config.model)
        if not own.predict_fn:
            framework.check(model)
        return cls(model, own, _schema(config, model, own))

    def answer(self, invocation: Invocation) -> Reply:
        """Decode, predict, encode. Raises RequestError only."""
        own = self._hooks
        accept = media.first_choice(invocation.accept) if own.output_fn else media.choose(invocation.accept)
        content_type = media.content_type(invocation.content_type)
        rows = None
        if own.input_fn:
            data = _read_by_hook(own.input_fn, invocation.body, content_type)
        else:
            rows = self._rows(invocation.body, content_type)
            data = _call("to_input", framework.to_input, self._model, rows, self.schema.names)
        prediction = self._predict(data, rows)
        count = None if rows is None else len(rows)
        if own.output_fn:
            return reply.from_output_fn(_call("output_fn", own.output_fn, prediction, accept), accept, count)
        return reply.encode(prediction, accept, count)

    def _rows(self, body: bytes, content_type: str) -> Rows:
        if content_type not in self._bodies:
            raise errors.unsupported(f"Content-Type: {content_type[: errors.MAX_TEXT]}", " or ".join(media.FORMATS))
        return self._bodies[content_type](body)

    def _predict(self, data: object, rows: Rows | None) -> object:
        if self._hooks.predict_fn:
            return _call("predict_fn", self._hooks.predict_fn, data, self._model)
        try:
            return _call("model.predict", framework.predict, data, self._model)
        except RequestError as failure:
            # Whether a model takes missing values, only the model knows: ask it, and explain its refusal.
            if rows is None or not isinstance(failure.__cause__, TypeError | ValueError):
                raise
            missing = first_missing(rows)
            label = cell_label(*missing, self.schema.column(missing[1])) if missing else ""
            if self.schema.untyped and (missing is None or rows.dtype == object):
                raise errors.refused_by_model(label) from failure.__cause__
            if missing is None:
                raise
            problem = "this value is missing, and the model does not take missing values"
            raise errors.bad_value(cell_path(*missing), problem, label) from None


def _schema(config: Settings, model: object, own: Hooks) -> Schema:
    """Choose the declared columns, which must fit the model unless predict_fn comes between, else the model's."""
    fitted = framework.schema(model)
    if not config.inputs:
        return fitted
    declared = named(config.inputs)
    if own.input_fn or own.predict_fn:
        return declared
    if fitted.names and fitted.names != declared.names:
        theirs, ours = ", ".join(fitted.names), ", ".join(declared.names)
        raise StartError(
            f"model.inputs in byocgen.yaml lists {ours}; the model was fitted with {theirs}, in that order"
        )
    if fitted.width not in {None, declared.width}:
        counts = f"lists {declared.width} columns; the model was fitted with {fitted.width}"
        raise StartError(f"model.inputs in byocgen.yaml {counts}")
    return declared


def _read_by_hook(input_fn: Callable[[bytes | str, str], Any], body: bytes, content_type: str) -> object:
    try:
        # As SageMaker's containers do: text arrives as str, everything else as bytes.
        text: bytes | str = body.decode() if content_type == media.JSON or content_type.startswith("text/") else body
    except UnicodeDecodeError as error:
        raise errors.bad_body(f"the body is not UTF-8: bad byte at position {error.start}") from None
    try:
        return _call("input_fn", input_fn, text, content_type)
    except RequestError as failure:
        if isinstance(failure.__cause__, ValueError):
            raise errors.refused_by_input_fn(failure.__cause__) from None
        raise


def _call(name: str, function: Callable[..., Result], *arguments: object) -> Result:
    try:
        return function(*arguments)
    except MemoryError as error:
        raise errors.out_of_memory(name) from error
    except BaseException as error:
        # SystemExit too: code that calls sys.exit() must not end the server.
        raise errors.failed(name, error) from error
