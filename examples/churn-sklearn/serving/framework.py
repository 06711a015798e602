"""scikit-learn: how its models are loaded, checked, described and called. The rest of the server knows no framework.

A pickle is served by the scikit-learn that wrote it, or not at all: another version may load it and answer wrongly.
"""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from serving import model_files
from serving.columns import Column, ColumnType, Schema, named
from serving.errors import StartError
from serving.inputs import Parameter
from serving.rows import Rows
from serving.settings import ModelSettings

FAVOURITE = "model.joblib"
# Unpickled models are plain memory: with one BLAS thread, loading starts no thread that a fork would lose.
SHARE_BY_FORK = True


def load(settings: ModelSettings) -> object:
    """Unpickle the model. Raises StartError that says what to change."""
    path = model_files.find(settings.folder, model_files.PICKLES, [FAVOURITE])
    return model_files.unpickle(path, 'set model.framework_version to "{}" in byocgen.yaml and run `byocgen sync`')


def check(model: object) -> None:
    """Refuse a model that this module cannot call. Raises StartError."""
    if not callable(getattr(model, "predict", None)):
        raise StartError(f"the model is a {type(model).__name__} without predict(): define predict_fn in inference.py")
    # Rows are put into the model's order by name before they become an array: the warning about lost names is no news.
    warnings.filterwarnings("ignore", message="X does not have valid feature names")


def inputs(model: object) -> Schema:
    """Tell what the model was fitted on: the columns' names, else their number, else nothing."""
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        return Schema(width=getattr(model, "n_features_in_", None))
    if not _has_pandas():
        return named(tuple(Column(str(name), guessed=True) for name in names))
    # Fitted on a data frame, whose columns may be text: numbers and text both go to the model, which judges them.
    return named(tuple(_columns(model, [str(name) for name in names])))


def to_input(model: object, rows: Rows, names: tuple[str, ...]) -> Any:
    """Give rows the form that the model was fitted with: a data frame where it wants names and pandas is installed."""
    if not names or getattr(model, "feature_names_in_", None) is None or not _has_pandas():
        return rows
    return import_module("pandas").DataFrame(rows, columns=list(names)).infer_objects()


def parameters(_model: object) -> tuple[Parameter, ...]:
    """Tell what "parameters" of a request may say: nothing."""
    return ()


def predict(data: Any, model: Any, _parameters: Mapping[str, Any]) -> Any:
    """Call the model."""
    return model.predict(data)


@cache
def _has_pandas() -> bool:
    return find_spec("pandas") is not None


def _columns(model: Any, names: list[str]) -> Iterator[Column]:
    try:
        known = dict(_categories(model, names))
    except Exception:  # noqa: BLE001 - only a help, and the steps of a model may be anybody's
        known = {}
    for name in names:
        values = [value for value in known.get(name, ()) if value is not None and value == value]  # noqa: PLR0124
        sample = values[0].item() if values and isinstance(values[0], np.generic) else next(iter(values), None)
        # A column of text categories is text, whatever its cells look like: "08001" of a CSV file is no number there.
        text = bool(values) and all(isinstance(value, str) for value in values)
        yield Column(name, ColumnType.STRING if text else None, guessed=True, sample=sample)


def _categories(model: Any, names: Sequence[str]) -> Iterator[tuple[str, Iterable[Any]]]:
    """Find the categories that the encoders in a model were fitted with, by column."""
    names = list(getattr(model, "feature_names_in_", names))
    if hasattr(model, "categories_") and len(model.categories_) == len(names):
        yield from zip(names, model.categories_, strict=True)
    if hasattr(model, "best_estimator_"):
        yield from _categories(model.best_estimator_, names)
    for _, step, columns in getattr(model, "transformers_", ()):
        of_step = list(columns) if not isinstance(columns, str | slice) else []
        yield from _categories(step, of_step if all(isinstance(name, str) for name in of_step) else [])
    for _, step in getattr(model, "steps", ()):
        yield from _categories(step, names)
        # A step that moves columns prefixes their names or has them right; one that names none is the last we can tell.
        names = list(step.get_feature_names_out(names)) if hasattr(step, "get_feature_names_out") else []
