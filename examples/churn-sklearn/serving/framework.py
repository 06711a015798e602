"""scikit-learn: how its models are loaded, checked, described and called. The rest of the server knows no framework.

A pickle is served by the scikit-learn that wrote it, or not at all: another version may load it and answer wrongly.
"""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from serving import compiled, model_files
from serving.columns import Column, ColumnType, Schema, Value, named
from serving.errors import StartError
from serving.inputs import Inputs, Parameter, Texts
from serving.settings import ModelSettings

FAVOURITE = "model.joblib"
# Unpickled models are plain memory: with one BLAS thread, loading starts no thread that a fork would lose.
SHARE_BY_FORK = True
# What a step that computes with its columns has learnt of each: its mean, median or largest value.
LEARNT = ("mean_", "center_", "statistics_", "data_max_", "max_abs_")


def load(settings: ModelSettings) -> object:
    """Unpickle the model. Raises StartError that says what to change."""
    path = model_files.find(settings.folder, model_files.PICKLES, [FAVOURITE])
    return model_files.unpickle(path, 'set model.framework_version to "{}" in byocgen.yaml and run `byocgen sync`')


def load_equal(settings: ModelSettings) -> tuple[compiled.Compiled | None, str]:
    """Load the compiled equal of the model; None and why not, where scikit-learn itself has to answer."""
    try:
        source = model_files.find(settings.folder, model_files.PICKLES, [FAVOURITE])
        return compiled.read(source, settings.framework_version, lambda: load(settings)), ""
    except (compiled.UnusableError, StartError) as reason:
        return None, str(reason)


def check(model: object) -> None:
    """Refuse a model that this module cannot call. Raises StartError."""
    if not callable(getattr(model, "predict", None)):
        raise StartError(f"the model is a {type(model).__name__} without predict(): define predict_fn in inference.py")
    # Rows are put into the model's order by name before they become an array: the warning about lost names is no news.
    warnings.filterwarnings("ignore", message="X does not have valid feature names")


def inputs(model: object) -> Inputs:
    """Tell what the model was fitted on: texts, the columns' names, else their number, else nothing."""
    if _reads_texts(model):
        return Texts()
    if isinstance(model, compiled.Compiled) and model.columns:
        return named(tuple(_kept(**one) for one in model.columns))  # as they were when it was made
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        return Schema(width=getattr(model, "n_features_in_", None))
    if not _has_pandas():
        return named(tuple(Column(str(name), guessed=True) for name in names))
    # Fitted on a data frame, whose columns may be text: numbers and text both go to the model, which judges them.
    return named(tuple(_columns(model, [str(name) for name in names])))


def to_input(model: object, rows: Any, names: tuple[str, ...]) -> Any:
    """Give rows the form that the model was fitted with: a data frame where it wants names and pandas is installed.

    Texts become a list of strings.
    """
    if isinstance(rows, list) and _reads_texts(model):
        return [text for row in rows for text in row.values()]
    if isinstance(model, compiled.Compiled):
        return rows
    if not names or getattr(model, "feature_names_in_", None) is None or not _has_pandas():
        return rows
    frame = import_module("pandas").DataFrame(rows, columns=list(names)).infer_objects()
    for name in _texts(model, names) if rows.dtype == object else ():
        if frame[name].dtype.kind == "f":  # nothing but missing values: to its encoder that is text, not numbers
            frame[name] = frame[name].astype(object)
    return frame


def parameters(_model: object) -> tuple[Parameter, ...]:
    """Tell what "parameters" of a request may say: nothing."""
    return ()


def predict(data: Any, model: Any, _parameters: Mapping[str, Any]) -> Any:
    """Call the model; the original, where there is one beside its equal and it answers so many rows faster."""
    if isinstance(model, compiled.Compiled) and model.most_rows is not None and len(data) > model.most_rows:
        names = tuple(getattr(model, "feature_names_in_", ()))
        return model.original.predict(to_input(model.original, data, names))
    return model.predict(data)


@cache
def _has_pandas() -> bool:
    return find_spec("pandas") is not None


def _reads_texts(model: Any) -> bool:
    """Tell whether the model, or what comes first in it, is one of scikit-learn's text vectorizers, given texts.

    With an analyzer of the user's own, or `input="filename"`, a document may be anything.
    """
    if isinstance(steps := getattr(model, "steps", None), list) and steps:
        return _reads_texts(steps[0][1])
    if isinstance(union := getattr(model, "transformer_list", None), list) and union:
        return all(_reads_texts(step) for _, step in union)
    if hasattr(model, "best_estimator_"):
        return _reads_texts(model.best_estimator_)
    if not callable(getattr(model, "build_analyzer", None)) or getattr(model, "input", "") != "content":
        return False
    return not any(callable(getattr(model, name, None)) for name in ("analyzer", "tokenizer", "preprocessor"))


_known_texts: WeakKeyDictionary[Any, tuple[str, ...]] = WeakKeyDictionary()


def _texts(model: Any, names: Sequence[str]) -> tuple[str, ...]:
    if model not in _known_texts:
        found = _columns(model, list(names))
        _known_texts[model] = tuple(column.name for column in found if column.type is ColumnType.STRING)
    return _known_texts[model]


def _kept(name: str, type: str | None, sample: Value | None, *, guessed: bool, **_: Any) -> Column:  # noqa: A002 - as the field
    return Column(name, None if type is None else ColumnType(type), guessed=guessed, sample=sample)


def _columns(model: Any, names: list[str]) -> Iterator[Column]:
    try:
        known, numeric = dict(_categories(model, names)), set(_numeric(model))
    except Exception:  # noqa: BLE001 - only a help, and the steps of a model may be anybody's
        known, numeric = {}, set()
    for name in names:
        values = [value for value in known.get(name, ()) if value is not None and value == value]  # noqa: PLR0124
        sample = values[0].item() if values and isinstance(values[0], np.generic) else next(iter(values), None)
        # A column of text categories is text, whatever its cells look like: "08001" of a CSV file is no number there.
        text = bool(values) and all(isinstance(value, str) for value in values)
        if name in numeric and name not in known:
            yield Column(name, ColumnType.FLOAT)
            continue
        yield Column(name, ColumnType.STRING if text else None, guessed=True, sample=sample)


def _numeric(model: Any) -> Iterator[str]:
    """Find the columns that a ColumnTransformer gives to a step that computes with them, as StandardScaler does.

    Booleans can be computed with too: a column counts only where what the step learnt lies beyond 0 and 1.
    """
    if hasattr(model, "best_estimator_"):
        yield from _numeric(model.best_estimator_)
    for _, step in getattr(model, "steps", ())[:1]:
        yield from _numeric(step)
    for _, step, columns in getattr(model, "transformers_", ()):
        first = step.steps[0][1] if hasattr(step, "steps") else step
        learnt = (np.asarray(getattr(first, name, None)) for name in LEARNT)
        values = next((array for array in learnt if array.dtype.kind in "fiu" and array.ndim == 1), None)
        if values is None or isinstance(columns, str | slice) or len(values) != len(columns):
            continue
        for name, value in zip(columns, values.tolist(), strict=True):
            if isinstance(name, str) and not 0 <= value <= 1 and value == value:  # noqa: PLR0124 - NaN
                yield name


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
