"""XGBoost: how its models are loaded, checked, described and called. The rest of the server knows no framework.

Two kinds of model, and what their `predictions` are:

- model.ubj or model.json, written by `save_model`, served by any XGBoost that is not older. Prefer these. The answer is
  what the objective gives: probabilities (binary:logistic a number a row, multi:softprob a list of one a class), class
  numbers (multi:softmax), values (reg:...), scores (rank:...).
- A pickle (.joblib, .pkl) of the scikit-learn API, served by the XGBoost that wrote it. The answer is that of its
  `predict`: class numbers for XGBClassifier, else as above. It needs scikit-learn in model.requirements.

A model that was stopped early answers with its best iteration, as the scikit-learn API does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import xgboost
from xgboost import Booster, DMatrix

from serving import booster_files, gpus, logs, native
from serving.categories import Categories, column, encode
from serving.columns import Column, ColumnType, Schema, Value, named
from serving.errors import StartError
from serving.inputs import Parameter
from serving.rows import Rows
from serving.settings import ModelSettings

# With one thread, loading a booster starts none that a fork would lose.
SHARE_BY_FORK = True
# Of a column whose categories are not all ASCII.
BY_NUMBER = (
    "XGBoost does not keep the categories of this column whole, for they are not all ASCII: send each category's number "
    "(its place in the training data's list, from 0), or train the model with ASCII categories"
)
IN_PLACE = "gbtree"  # dart sums in another order then (its answers move by 2e-7), and gblinear cannot


def load(settings: ModelSettings) -> Any:
    """Read the model. Raises StartError that says what to change."""
    model = booster_files.read(settings.folder)
    booster, chosen = _booster(model), device()
    if booster is not None:
        booster.set_param({"nthread": settings.native_threads, "device": chosen})
    if booster is not model and hasattr(model, "set_params"):
        model.set_params(n_jobs=settings.native_threads, device=chosen)
    logs.info("device", device=chosen)
    return model


def faster(model: Any, _settings: ModelSettings) -> tuple[Any, str]:
    """Give a faster way to call a loaded model, which was shown equal; None and why not, where the model is called."""
    booster = _booster(model)
    if booster is None:
        return None, f"a {type(model).__name__} is no model of XGBoost"
    facts = _facts(booster)
    if facts.kind != IN_PLACE or not facts.on_cpu:
        return None, f"only trees on a CPU have a faster way, this is {facts.kind} on {device()}"
    return native.make(model, booster, facts.iterations)


def device() -> str:
    """The GPU, where there are one and a build for it; XGBoost keeps the device that a model was trained on otherwise."""
    return "cuda" if gpus.mine() is not None and xgboost.build_info()["USE_CUDA"] else "cpu"


def check(model: Any) -> None:
    """Refuse a model that this module cannot call. Raises StartError."""
    if not callable(getattr(model, "predict", None)):
        raise StartError(f"the model is a {type(model).__name__} without predict(): define predict_fn in inference.py")


def inputs(model: Any) -> Schema:
    """Tell what the model was fitted on: names, types and categories of the columns as far as it keeps them."""
    booster = _booster(model)
    if booster is None:
        return Schema()
    if not booster.feature_names:
        return Schema(width=booster.num_features())
    categories = _facts(booster).categories
    types = booster.feature_types or [""] * len(booster.feature_names)
    cut = _facts(booster).cut
    for index in sorted(cut):
        logs.warning("categories_unknown", column=booster.feature_names[index], message=BY_NUMBER)
    columns = (
        column(name, categories[index]) if index in categories else _plain_column(name, kind, cut=index in cut)
        for index, (name, kind) in enumerate(zip(booster.feature_names, types, strict=True))
    )
    return named(tuple(columns))


def to_input(model: Any, rows: Rows, _names: tuple[str, ...]) -> Any:
    """Give rows as float32, which XGBoost computes with; categories as their numbers, missing values as NaN."""
    booster = _booster(model)
    return encode(rows, _facts(booster).categories if booster is not None else {}, np.float32)


def parameters(_model: Any) -> tuple[Parameter, ...]:
    """Tell what "parameters" of a request may say: nothing."""
    return ()


def predict(data: Any, model: Any, _parameters: Mapping[str, Any]) -> Any:
    """Call the model. `data` is the array of `to_input`, or what input_fn made: a DMatrix will do for a Booster."""
    if isinstance(model, native.NativeModel):
        if isinstance(data, np.ndarray) and data.dtype == np.float32 and data.ndim == 2 and len(data):
            return model.predict(data)
        model = model.original
    if not isinstance(model, Booster):
        return model.predict(data)
    facts = _facts(model)
    if isinstance(data, DMatrix):
        return model.predict(data, iteration_range=facts.iterations, validate_features=False)
    # The same answers without a DMatrix: 1 row in 156 us instead of 218, 100 rows in 216 instead of 298, 500 rows in
    # 440 instead of 607 (150 trees of depth 4, 30 columns, one thread). On a GPU it would copy to a DMatrix itself.
    if facts.kind == IN_PLACE and facts.on_cpu:
        return model.inplace_predict(data, iteration_range=facts.iterations)
    matrix = DMatrix(data, feature_names=model.feature_names, feature_types=model.feature_types)
    return model.predict(matrix, iteration_range=facts.iterations)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a booster says about itself, which takes too long to ask at every request."""

    kind: str  # gbtree, dart or gblinear
    iterations: tuple[int, int]  # (0, 0) is all
    categories: Categories
    cut: frozenset[int]  # the columns whose categories cannot be read
    on_cpu: bool


_known: WeakKeyDictionary[Booster, Facts] = WeakKeyDictionary()


def _facts(booster: Booster) -> Facts:
    if booster not in _known:
        learner = json.loads(booster.save_config())["learner"]
        kind, device = learner["gradient_booster"]["name"], learner["generic_param"]["device"]
        best = booster.attr("best_iteration")
        iterations = (0, 0) if best is None or kind == "gblinear" else (0, int(best) + 1)
        listed = _categories(booster)
        known = {index: values for index, values in listed.items() if values}
        _known[booster] = Facts(kind, iterations, known, frozenset(listed.keys() - known.keys()), device == "cpu")
    return _known[booster]


def _booster(model: Any) -> Booster | None:
    if isinstance(model, Booster):
        return model
    if isinstance(model, native.NativeModel):
        return model.booster
    return model.get_booster() if isinstance(model, xgboost.XGBModel) else None


def _plain_column(name: str, kind: str, *, cut: bool) -> Column:
    # "i" is what a data frame's booleans become. The others are numbers, a category without a list by its own number.
    return Column(name, ColumnType.BOOLEAN if kind == "i" else ColumnType.FLOAT, hint=f"; {BY_NUMBER}" if cut else "")


def _categories(booster: Booster) -> Categories:
    """Read the categories that XGBoost keeps since 3.1, when it was trained on a data frame; () for those it cut."""
    if "c" not in (booster.feature_types or ()):
        return {}
    model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]
    kept = model.get("gbtree", model)["model"].get("cats", {}).get("enc", [])
    return {index: _listed(entry) for index, entry in enumerate(kept) if entry["values"]}


def _listed(entry: dict[str, Any]) -> tuple[Value, ...]:
    values = entry["values"]
    if "offsets" not in entry:
        return tuple(values)
    if any(value < 0 for value in values):  # bytes beyond ASCII
        return ()  # XGBoost 3.2 counts letters where it cuts bytes: what it keeps of "größer" is not the whole
    text = bytes(values).decode("ascii")
    return tuple(text[start:end] for start, end in pairwise(entry["offsets"]))
