"""Calling the model: predict_fn where the user has one, else the framework's own way, with what goes wrong explained.

A request arrives in blocks. The framework predicts each by itself; predict_fn gets the whole request, as it always did,
but in a batch job, whose requests are up to 100 MB.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import chain
from typing import Any

import numpy as np

from serving import errors, framework, instances, out_of_memory
from serving.calling import call
from serving.columns import Schema
from serving.context import Context
from serving.encoders import plain
from serving.errors import RequestError
from serving.hooks import Hooks
from serving.inputs import Inputs
from serving.places import Places, in_request
from serving.reply import Timings
from serving.rows import first_huge, first_missing


class Predictions:
    """One model and how to ask it."""

    def __init__(self, model: Any, own: Hooks, inputs: Inputs, *, batch: bool = False) -> None:
        """Keep them. `batch`: predict_fn too is asked block by block."""
        self._by_block = batch or not own.predict_fn
        self._model = model
        self._predict_fn = own.predict_fn
        self._inputs = inputs
        self._names = inputs.names if isinstance(inputs, Schema) else ()
        self.function = "predict_fn" if own.predict_fn else "model.predict"

    def of(self, data: Any, context: Context, timings: Timings) -> Any:
        """Predict what an input_fn decoded. Raises RequestError."""
        return timings.predict(self._call, data, context)

    def of_blocks(
        self, blocks: Iterable[Any], places: Places, context: Context, timings: Timings
    ) -> Iterator[tuple[Any, int]]:
        """Give the predictions of each block, in parts, each with how many instances it is for. Raises RequestError."""
        if not self._by_block:
            blocks = (instances.joined(list(blocks)),)
        first = 0
        for data in blocks:
            several = first > 0
            for prediction, count in timings.predict(self._of_block, data, first, places, context):
                if several and _length(prediction) != count:
                    raise errors.unusable(self.function, f"gave {_length(prediction)} results for {count} instances")
                yield prediction, count
            first += instances.count(data)

    def plainly(self, data: Any, parameters: Mapping[str, Any]) -> Any:
        """Call the framework and nothing around it. Raises whatever it raises."""
        return framework.predict(framework.to_input(self._model, data, self._names), self._model, parameters)

    @property
    def streams(self) -> bool:
        """True where the framework's model can answer in pieces."""
        return not self._predict_fn and hasattr(framework, "stream")

    def stream(self, data: Any, places: Places, context: Context) -> Iterator[Any]:
        """Start an answer in pieces, for one instance. Raises RequestError."""
        if (count := instances.count(data)) != 1:
            raise errors.bad_value("instances", f"an answer in pieces is for one instance, got {count}")
        start = getattr(framework, "stream")  # noqa: B009 - optional, so a checker may not find it
        with self._explaining(data, 0, places):
            ready = call("to_input", framework.to_input, self._model, data, self._names)
            return iter(call("model.stream", start, ready, self._model, context.parameters))

    def _of_block(self, data: Any, first: int, places: Places, context: Context) -> list[tuple[Any, int]]:
        def predict(part: Any, start: int) -> Any:
            with self._explaining(part, first + start, places):
                ready = call("to_input", framework.to_input, self._model, part, self._names)
                if not self._predict_fn:
                    return self._call(ready, context)
            return self._call(ready, context)

        parts = out_of_memory.in_parts(self.function, predict, data)
        if len(parts) == 1:
            return [(parts[0], instances.count(data))]
        lengths = [_length(part) for part in parts]
        if None in lengths or sum(filter(None, lengths)) != instances.count(data):
            raise errors.out_of_memory(self.function)  # what has no entry an instance cannot be put together again
        return list(zip(parts, map(int, filter(None, lengths)), strict=True))

    def _call(self, ready: Any, context: Context) -> Any:
        if self._predict_fn:
            return call("predict_fn", self._predict_fn, ready, self._model, context)
        return call("model.predict", framework.predict, ready, self._model, context.parameters)

    @contextmanager
    def _explaining(self, data: Any, first: int, places: Places) -> Iterator[None]:
        """Say of what the framework refuses where it stands in the request. `first` is the number of data's first row."""
        try:
            yield
        except RequestError as failure:
            schema = self._inputs if isinstance(self._inputs, Schema) else None
            if failure.path is not None:
                raise in_request(failure, first, places, schema) from None
            if schema is None or not isinstance(failure.__cause__, TypeError | ValueError):
                raise
            raise self._explained(failure, data, first, places, schema) from failure.__cause__

    @staticmethod
    def _explained(failure: RequestError, data: Any, first: int, places: Places, schema: Schema) -> RequestError:
        """Whether a model takes missing values, only the model knows: its refusal is explained by what was sent."""
        missing = first_missing(data)
        path, label = places.cell(first + missing[0], missing[1], schema.column(missing[1])) if missing else ("", "")
        if schema.untyped and (missing is None or data.dtype == object):
            return errors.refused_by_model(label)
        problem = "this value is missing, and the model does not take missing values"
        if missing is None:
            huge = first_huge(data)
            if huge is None:
                return failure
            path, label = places.cell(first + huge[0], huge[1], schema.column(huge[1]))
            problem = "this value is too large for the model to calculate with"
        failure.__cause__ = None  # the request was wrong, and no traceback says more
        return errors.bad_value(path, problem, label)


def joined(parts: Sequence[Any]) -> Any:
    """Put predictions together, as what they are where that can be done, else as a list."""
    if len(parts) == 1:
        return parts[0]
    if all(isinstance(part, np.ndarray) for part in parts):
        return np.concatenate(parts)
    pandas = sys.modules.get("pandas")
    if pandas is not None and all(isinstance(part, pandas.DataFrame | pandas.Series) for part in parts):
        return import_module("pandas").concat(parts, ignore_index=True)
    return list(chain.from_iterable(plain(part) for part in parts))  # type: ignore[misc,arg-type]


def _length(prediction: Any) -> int | None:
    if isinstance(prediction, Mapping | str | bytes) or not hasattr(prediction, "__len__"):
        return None
    try:
        return len(prediction)
    except TypeError:  # an array without dimensions
        return None
