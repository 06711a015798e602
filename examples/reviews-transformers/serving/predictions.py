"""Calling the model: predict_fn where the user has one, else the framework's own way, with what goes wrong explained.

A request arrives in blocks. The framework predicts each by itself; predict_fn gets the whole request, as it always did.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from serving.reply import Timings
from serving.rows import cell_label, cell_path, first_missing, row_path


class Predictions:
    """One model and how to ask it."""

    def __init__(self, model: Any, own: Hooks, inputs: Inputs) -> None:
        """Keep them."""
        self._model = model
        self._predict_fn = own.predict_fn
        self._inputs = inputs
        self._names = inputs.names if isinstance(inputs, Schema) else ()
        self.function = "predict_fn" if own.predict_fn else "model.predict"

    def of(self, data: Any, context: Context, timings: Timings) -> Any:
        """Predict what an input_fn decoded. Raises RequestError."""
        return timings.predict(self._call, data, context)

    def of_blocks(self, blocks: Iterable[Any], context: Context, timings: Timings) -> Iterator[tuple[Any, int]]:
        """Give the predictions of each block, in parts, each with how many instances it is for. Raises RequestError."""
        if self._predict_fn:
            blocks = (instances.joined(list(blocks)),)
        first = 0
        for data in blocks:
            several = first > 0
            for prediction, count in timings.predict(self._of_block, data, first, context):
                if several and _length(prediction) != count:
                    raise errors.unusable(self.function, f"gave {_length(prediction)} results for {count} instances")
                yield prediction, count
            first += instances.count(data)

    @property
    def streams(self) -> bool:
        """True where the framework's model can answer in pieces."""
        return not self._predict_fn and hasattr(framework, "stream")

    def stream(self, data: Any, context: Context) -> Iterator[Any]:
        """Start an answer in pieces, for one instance. Raises RequestError."""
        if (count := instances.count(data)) != 1:
            raise errors.bad_value("instances", f"an answer in pieces is for one instance, got {count}")
        ready = call("to_input", framework.to_input, self._model, data, self._names)
        start = getattr(framework, "stream")  # noqa: B009 - optional, so a checker may not find it
        return iter(call("model.stream", start, ready, self._model, context.parameters))

    def _of_block(self, data: Any, first: int, context: Context) -> list[tuple[Any, int]]:
        def predict(part: Any) -> Any:
            try:
                ready = call("to_input", framework.to_input, self._model, part, self._names)
                return self._call(ready, context)
            except RequestError as failure:
                raise self._explained(failure, part, first) from failure.__cause__

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

    def _explained(self, failure: RequestError, data: Any, first: int) -> RequestError:
        """Whether a model takes missing values, only the model knows: its refusal is explained by what was sent."""
        schema, cause = self._inputs, failure.__cause__
        if self._predict_fn or not isinstance(schema, Schema) or not isinstance(cause, TypeError | ValueError):
            return failure
        missing = first_missing(data)
        path = row_path(first + missing[0]) if missing else ""
        label = cell_label(path, missing[1], schema.column(missing[1])) if missing else ""
        if schema.untyped and (missing is None or data.dtype == object):
            return errors.refused_by_model(label)
        if missing is None:
            return failure
        refusal = errors.bad_value(
            cell_path(path, missing[1]), "this value is missing, and the model does not take missing values", label
        )
        failure.__cause__ = None  # the request was wrong, and no traceback says more
        return refusal


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
