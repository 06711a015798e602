"""Any model: inference.py loads and calls it. This module only says what is missing there."""

import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from serving.columns import Schema
from serving.errors import StartError
from serving.inputs import Parameter
from serving.rows import Rows
from serving.settings import ModelSettings

NEEDED = {"model_fn": "model_fn(model_dir)", "predict_fn": "predict_fn(input_data, model)"}


def load(_settings: ModelSettings) -> NoReturn:
    """Never called where model_fn is there. Raises StartError."""
    raise StartError(_missing())


def check(_model: Any) -> NoReturn:
    """Never called where predict_fn is there. Raises StartError."""
    raise StartError(_missing())


def inputs(_model: Any) -> Schema:
    """Tell nothing: the columns are those of model.inputs in byocgen.yaml; without them, rows of numbers."""
    return Schema()


def to_input(_model: Any, rows: Rows, _names: tuple[str, ...]) -> Rows:
    """Give rows as they are: a numpy array of float64, of objects where a column is text; NaN is a missing value."""
    return rows


def parameters(_model: Any) -> tuple[Parameter, ...]:
    """Tell what "parameters" of a request may say: nothing."""
    return ()


def predict(_data: Any, _model: Any, _parameters: Mapping[str, Any]) -> NoReturn:
    """Never called: predict_fn is there, or the server has not started. Raises StartError."""
    raise StartError(_missing())


def _missing() -> str:
    defined = vars(sys.modules["inference"]) if "inference" in sys.modules else {}
    missing = [text for name, text in NEEDED.items() if name not in defined] or list(NEEDED.values())
    return (
        f"inference.py does not define {' and '.join(missing)}: with model.framework python it has to, for no library "
        "is there to load the model and to call it"
    )
