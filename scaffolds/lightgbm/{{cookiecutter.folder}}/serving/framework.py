"""LightGBM: how its models are loaded, checked, described and called. The rest of the server knows no framework.

Two kinds of model, and what their `predictions` are:

- model.txt, the text that `Booster.save_model` writes. Prefer it: newer releases read it. The answer is what the
  objective gives: probabilities (binary: a number a row, multiclass: a list of one a class), values, scores.
  `save_model` writes the best iteration of a model that was stopped early, so that is what answers.
- A pickle (.joblib, .pkl) of the scikit-learn API, which needs the scikit-learn that wrote it. The answer is that of
  its `predict`: labels for LGBMClassifier, else as above.

LightGBM replaces spaces in column names by underscores while it trains: a request says `monthly_fee` too.
"""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import lightgbm
import numpy as np
from lightgbm import Booster
from lightgbm.basic import LightGBMError

from serving import model_files, native
from serving.categories import Categories, column, encode
from serving.columns import Column, Schema, named
from serving.errors import StartError
from serving.inputs import Parameter
from serving.rows import Rows
from serving.settings import ModelSettings

# With one thread, loading a booster starts none that a fork would lose.
SHARE_BY_FORK = True
TEXT = ".txt"
FAVOURITES = ("model.txt", "model.joblib", "model.pkl")
NEWEST_FORMAT = 4  # "version=v4" at the top of the text: LightGBM 4.x
FORMAT = re.compile(r"\Atree\s+version=v(\d+)\s")
SIZES = re.compile(r"^tree_sizes=.*\n", re.MULTILINE)
LAST_TREE = "\nend of trees"
NAMELESS = re.compile(r"Column_\d+")  # how LightGBM calls the columns of an array
CATEGORICAL = re.compile(r"^\[categorical_feature: ([\d,]+)\]$", re.MULTILINE)
PIN = 'set "scikit-learn=={}" under model.requirements in byocgen.yaml'


def load(settings: ModelSettings) -> Any:
    """Read the model. Raises StartError that says what to change."""
    path = model_files.find(settings.folder, {TEXT, *model_files.PICKLES}, FAVOURITES)
    model = _load_text(path) if path.suffix == TEXT else _unpickle(path)
    booster = _booster(model)
    if booster is not None:
        _known[booster] = replace(_facts(booster), threads={"num_threads": settings.native_threads})
    if booster is not model and hasattr(model, "set_params"):
        model.set_params(n_jobs=settings.native_threads)
    return model


def faster(model: Any, settings: ModelSettings) -> tuple[Any, str]:
    """Give a faster way to call a loaded model, which was shown equal; None and why not, where the model is called."""
    booster = _booster(model)
    if booster is None:
        return None, f"a {type(model).__name__} is no model of LightGBM"
    return native.make(model, booster, settings.native_threads)


def check(model: Any) -> None:
    """Refuse a model that this module cannot call. Raises StartError."""
    if not callable(getattr(model, "predict", None)):
        raise StartError(f"the model is a {type(model).__name__} without predict(): define predict_fn in inference.py")
    # Rows are put into the model's order by name before they become an array: the warning about lost names is no news.
    warnings.filterwarnings("ignore", message="X does not have valid feature names")


def inputs(model: Any) -> Schema:
    """Tell what the model was fitted on: names and categories of the columns as far as it keeps them, else how many."""
    booster = _booster(model)
    if booster is None:
        return Schema()
    names = booster.feature_name()
    if all(NAMELESS.fullmatch(name) for name in names):
        return Schema(width=booster.num_feature())
    categories = _facts(booster).categories
    columns = (
        column(name, categories[index]) if index in categories else Column(name) for index, name in enumerate(names)
    )
    return named(tuple(columns))


def to_input(model: Any, rows: Rows, _names: tuple[str, ...]) -> Any:
    """Give rows as float64, categories as their numbers, missing values as NaN: LightGBM decides what these mean."""
    booster = _booster(model)
    return encode(rows, _facts(booster).categories if booster is not None else {}, np.float64)


def parameters(_model: Any) -> tuple[Parameter, ...]:
    """Tell what "parameters" of a request may say: nothing."""
    return ()


def predict(data: Any, model: Any, _parameters: Mapping[str, Any]) -> Any:
    """Call the model. `data` is the array of `to_input`, or what input_fn made."""
    if isinstance(model, Booster):
        return model.predict(data, **_facts(model).threads)
    return model.predict(data)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a booster, and takes too long to ask at every request."""

    categories: Categories
    threads: Mapping[str, Any]  # as an argument of predict; none for what model_fn loaded


_known: WeakKeyDictionary[Booster, Facts] = WeakKeyDictionary()


def _facts(booster: Booster) -> Facts:
    if booster not in _known:
        _known[booster] = Facts(_categories(booster), {})
    return _known[booster]


def _booster(model: Any) -> Booster | None:
    if isinstance(model, Booster):
        return model
    if isinstance(model, native.NativeModel):
        return model.booster
    return model.booster_ if isinstance(model, lightgbm.LGBMModel) else None


def _load_text(path: Path) -> Booster:
    hint = "is it complete, and was it written by Booster.save_model"
    try:
        text = path.read_text(encoding="utf-8")
        found = FORMAT.match(text)
        if not found or LAST_TREE not in text:
            raise model_files.unreadable(path, "it is no LightGBM model, or only a part of one", hint)
        if int(found[1]) > NEWEST_FORMAT:
            raise StartError(
                f"{path.name} has format v{found[1]}, newer than LightGBM {lightgbm.__version__} of this image reads: "
                "set model.framework_version in byocgen.yaml to the version that wrote it and run `byocgen sync`"
            )
        # With the trees' sizes they are parsed by several threads, and a damaged one ends the process instead of
        # raising. One thread takes 77 ms for 23 MB, several 51.
        return Booster(model_str=SIZES.sub("", text, count=1))
    except MemoryError:
        raise model_files.does_not_fit(path) from None
    except (LightGBMError, UnicodeDecodeError) as error:
        raise model_files.unreadable(path, str(error).splitlines()[0], hint) from None


def _unpickle(path: Path) -> Any:
    if find_spec("sklearn") is None:
        raise StartError(
            f"{path.name} is a pickle of the scikit-learn API, and scikit-learn is not installed: add it to "
            "model.requirements of byocgen.yaml, or save model.booster_.save_model('model.txt')"
        )
    return model_files.unpickle(path, PIN)


def _categories(booster: Booster) -> Categories:
    """Read the categories of a model that was trained on a data frame.

    They are listed without their columns. Those are the categorical ones, where they are as many; else (an ordered
    category is no categorical column) a request has to hold the numbers.
    """
    listed = booster.pandas_categorical or []
    found = CATEGORICAL.search(booster.model_to_string(num_iteration=1)) if listed else None
    indexes = [int(index) for index in found[1].split(",")] if found else []
    if len(indexes) != len(listed):
        return {}
    return {index: tuple(values) for index, values in zip(indexes, listed, strict=True)}
