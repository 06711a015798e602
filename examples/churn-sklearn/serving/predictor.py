"""The model and what surrounds it: input_fn, predict_fn and output_fn, the user's where defined, else the server's.

Loaded once a worker, then called from the lane's threads. Code that raises is answered as a RequestError; its traceback
is the error's cause, for the log. A large request goes through in blocks: decoded, predicted and encoded before the
next one is looked at.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from serving import (
    declared,
    errors,
    examples,
    framework,
    hooks,
    instances,
    loading,
    logs,
    media,
    out_of_memory,
    parameters,
)
from serving.calling import refusing, text_or_bytes
from serving.decoding import Decoders, Request
from serving.equality import ABSOLUTE, RELATIVE
from serving.errors import RequestError
from serving.hooks import Hooks
from serving.inputs import Inputs
from serving.invocation import Invocation
from serving.output import Outputs
from serving.predictions import Predictions
from serving.reply import Reply, Streamed, Timings
from serving.settings import PROJECT, ModelSettings, ServerSettings, Settings
from serving.together import Model, Together


class Predictor:
    """Answers invocations with one model."""

    def __init__(
        self, model: Any, own: Hooks, inputs: Inputs, server: ServerSettings | None = None, model_dir: str = ""
    ) -> None:
        """Prepare the decoders for the inputs; without `server` there is no streaming, and one model."""
        self._model = model
        self._hooks = own
        self.inputs = inputs
        self._model_dir = model_dir
        self.choice: dict[str, object] = {}  # which model this is, for the log
        self._multi_model = server is not None and server.multi_model
        self._decoders = Decoders(inputs)
        self._predictions = Predictions(model, own, inputs, batch=server is not None and server.batch)
        self._outputs = Outputs(own, server)
        # Why requests are answered one at a time; "" where several may be.
        self.alone_because = _why_alone(model, own, streams=self._outputs.can_stream)
        within = getattr(framework, "same_within", lambda _: (RELATIVE, ABSOLUTE))(
            model
        )  # optional, for models that round
        model_called = Model(self._predictions.plainly, self._parameters_of, self._predictions.function, within)
        self.together = (
            None if self.alone_because else Together(self._decoders, self._outputs, model_called, self.answer)
        )
        # What functions of the user take, only their author knows.
        own_way = own.predict_fn or own.transform_fn or own.input_fn
        self.parameters = () if own_way else framework.parameters(model)

    @classmethod
    def load(cls, config: Settings, model: ModelSettings | None = None, own: Hooks | None = None) -> "Predictor":
        """Import inference.py, unless `own` is what it has, and load the model. Raises StartError, and whatever model_fn raises."""
        own = own or hooks.load(PROJECT)
        settings = model or config.model
        folder = str(settings.folder)
        loaded, choice = loading.load(settings, config.server, own)
        replaced = own.predict_fn or own.transform_fn
        if not replaced:
            framework.check(loaded)
        own_code = bool(own.input_fn or replaced)
        inputs = declared.reconcile(config.inputs, framework.inputs(loaded), own_code=own_code)
        made = cls(loaded, own, inputs, config.server, folder)
        made.choice = choice
        return made

    @property
    def content_types(self) -> tuple[str, ...]:
        """What requests may come as; () where only the user's own code knows."""
        return () if self._decodes_itself else self._decoders.content_types

    @property
    def warm_up_is_certain(self) -> bool:
        """True where the model must accept the example; else a failure of the warm-up says nothing."""
        return not self._decodes_itself and not self._hooks.predict_fn and examples.is_certain(self.inputs)

    def example_body(self) -> tuple[bytes, str] | None:
        """Give a request that the model accepts, and its content type; None where only the user's own code knows."""
        body = None if self._decodes_itself else examples.body(self.inputs)
        return None if body is None else (body, media.JSON)

    @property
    def cheapest(self) -> Mapping[str, Any]:
        """What the server's own requests ask for, so that they take little time."""
        given = getattr(framework, "warm_up_parameters", None)  # optional: else its defaults will do
        return dict(given(self._model)) if given and self.parameters else {}

    @property
    def at_once(self) -> int | None:
        """How many requests to answer together, where the framework's module knows without measuring."""
        known: int | None = getattr(framework, "requests_at_once", lambda _: None)(self._model)  # optional
        return known

    def warm_up(self) -> None:
        """Answer the example, so that the first caller does not pay for what happens once. Raises RequestError."""
        body = None if self._decodes_itself else examples.body(self.inputs, parameters=self.cheapest)
        if body is not None:
            self.answer(Invocation(body, media.JSON, ""))

    def answer(self, invocation: Invocation) -> Reply | Streamed:
        """Decode, predict, encode. Raises RequestError only."""
        try:
            return self._answer(invocation)
        except RequestError as refusal:
            if refusal.code != errors.OUT_OF_MEMORY:
                raise
            raise self._out_of_memory(refusal) from refusal.__cause__
        except MemoryError as error:
            raise self._out_of_memory(errors.out_of_memory("the server")) from error
        except Exception as error:
            raise errors.internal(error) from error

    def _answer(self, invocation: Invocation) -> Reply | Streamed:
        own, context, timings = self._hooks, invocation.context, Timings()
        context.model_dir = context.model_dir or self._model_dir
        output = self._outputs.begin(invocation, timings)
        content_type = media.content_type(invocation.content_type)
        if own.transform_fn:
            text = timings.decode(text_or_bytes, invocation.body, content_type)
            arguments = (own.transform_fn, self._model, text, content_type, output.wanted, context)
            return output.own("transform_fn", timings.predict(refusing, "transform_fn", *arguments))
        if own.input_fn:
            text = timings.decode(text_or_bytes, invocation.body, content_type)
            data = timings.decode(refusing, "input_fn", own.input_fn, text, content_type, context)
            return output.of(self._predictions.function, self._predictions.of(data, context, timings), None)
        request = timings.decode(self._decoders.decode, invocation.body, content_type)
        context.parameters = self._parameters_of(request)
        if output.in_pieces(request.stream, self._predictions.streams):
            data = instances.joined(list(_timed(request.blocks, timings)))
            pieces = timings.predict(self._predictions.stream, data, request.places, context)
            return output.streamed("model.stream", pieces)
        parts = self._predictions.of_blocks(_timed(request.blocks, timings), request.places, context, timings)
        return output.of_parts(self._predictions.function, parts)

    def _parameters_of(self, request: Request) -> Mapping[str, Any]:
        if self._hooks.predict_fn:
            return request.parameters
        return parameters.checked(request.parameters, self.parameters) if request.parameters or self.parameters else {}

    @property
    def _decodes_itself(self) -> bool:
        return bool(self._hooks.input_fn or self._hooks.transform_fn)

    def _out_of_memory(self, refusal: RequestError) -> RequestError:
        out_of_memory.free()
        logs.error("out_of_memory", message=refusal.message)
        return errors.for_multi_model(refusal) if self._multi_model else refusal


def _why_alone(model: Any, own: Hooks, *, streams: bool) -> str:
    """Say what stands between request and model beside the server's own code, and so against joining requests."""
    functions = {name: getattr(own, name) for name in ("transform_fn", "input_fn", "predict_fn", "output_fn")}
    if mine := [name for name, function in functions.items() if function]:
        return f"{' and '.join(mine)} of inference.py: made for one request, which serving.batching does not change"
    if streams:
        return "serving.stream is on: an answer in pieces is one request's"
    joins = getattr(framework, "joins_requests", lambda _: True)  # optional: a model may have reasons against it
    return "" if joins(model) else "the framework's module does not join requests for this model"


def _timed(blocks: Iterable[Any], timings: Timings) -> Iterator[Any]:
    # A block is decoded when it is asked for, amid the prediction: its time must go to its own account.
    rest = iter(blocks)
    while True:
        block = timings.decode(next, rest, None)
        if block is None:
            return
        yield block
