"""ONNX: how its models are loaded, checked, described and called. The rest of the server knows no framework.

The model is a session of ONNX Runtime. What its `predictions` are:

- one output: an entry a row, as the graph gives it; the dicts of a ZipMap are objects, {"setosa": 0.9, ...};
- several outputs: an object a row with each by its name, {"label": "setosa", "probabilities": [0.9, ...]}. A request
  that says {"parameters": {"output": "label"}} gets that one alone, and the others are not computed.
"""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from onnxruntime import InferenceSession

from serving import graph
from serving.casting import cast
from serving.columns import ColumnType, Schema
from serving.errors import StartError
from serving.graph import Graph
from serving.inputs import Inputs, Parameter
from serving.session import open_session
from serving.settings import ModelSettings

# With one thread, a session has none of its own that a fork would lose.
SHARE_BY_FORK = True
_known: WeakKeyDictionary[InferenceSession, Graph] = WeakKeyDictionary()


def load(settings: ModelSettings) -> InferenceSession:
    """Open the model. Raises StartError that says what to change."""
    return open_session(settings.folder, settings.native_threads)


def check(model: Any) -> None:
    """Refuse a model that this module cannot call. Raises StartError."""
    if not isinstance(model, InferenceSession):
        raise StartError(
            f"the model is a {type(model).__name__} and no InferenceSession: define predict_fn in inference.py"
        )
    found = _graph(model)
    if found.problems:
        raise StartError(
            f"the model cannot be called: {'; '.join(found.problems)}; or define predict_fn in inference.py"
        )
    if not found.tensors:
        raise StartError("the model has no input: define predict_fn in inference.py")


def inputs(model: Any) -> Inputs:
    """Tell what a request holds, see `graph`."""
    found = _graph(model) if isinstance(model, InferenceSession) else None
    return found.inputs() if found and found.tensors else Schema()


def to_input(model: Any, data: Any, _names: tuple[str, ...]) -> Any:
    """Give the session's types: an array for one input, a dict of arrays by name for several. Raises as `cast`."""
    if not isinstance(model, InferenceSession):
        return data
    found = _graph(model)
    if isinstance(data, Mapping):
        return {tensor.name: cast(data[tensor.name], tensor) for tensor in found.tensors}
    if found.is_table:
        return cast(data, found.tensors[0])
    cells = {tensor.name: cast(data[:, index], tensor, index) for index, tensor in enumerate(found.tensors)}
    return {tensor.name: cells[tensor.name].reshape(-1, *tensor.shape) for tensor in found.tensors}


def parameters(model: Any) -> tuple[Parameter, ...]:
    """Tell what "parameters" of a request may say: which output, where there are several."""
    outputs = _graph(model).outputs if isinstance(model, InferenceSession) else ()
    if len(outputs) < 2:
        return ()
    return (Parameter("output", ColumnType.STRING, values=outputs, description="the output to answer with; none: all"),)


def predict(data: Any, model: Any, parameters: Mapping[str, Any]) -> Any:
    """Run the session on what `to_input` gave, or input_fn: an array for the first input, or a dict by name."""
    found = _graph(model)
    feeds = data if isinstance(data, Mapping) else {found.tensors[0].name: data}
    wanted = [parameters["output"]] if parameters.get("output") else list(found.outputs)
    if not found.row_by_row:
        return _rows(wanted, model.run(wanted, feeds))
    count = len(next(iter(feeds.values())))
    parts = [model.run(wanted, {name: values[row : row + 1] for name, values in feeds.items()}) for row in range(count)]
    return [entry for part in parts for entry in _rows(wanted, part)]


def _graph(session: InferenceSession) -> Graph:
    if session not in _known:
        _known[session] = graph.read(session)
    return _known[session]


def _rows(names: list[str], outputs: list[Any]) -> Any:
    """Give one entry a row. Raises ValueError for outputs that are not one entry a row each."""
    if len(outputs) == 1:
        return outputs[0]
    plain = [output.tolist() if isinstance(output, np.ndarray) else output for output in outputs]
    if not all(isinstance(output, list) and len(output) == len(plain[0]) for output in plain):
        raise ValueError("the outputs differ in their number of rows: choose among them in predict_fn of inference.py")
    return [dict(zip(names, entries, strict=True)) for entries in zip(*plain, strict=True)]
