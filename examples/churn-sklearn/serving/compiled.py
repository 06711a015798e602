"""A faster equal of a scikit-learn model: the arrays it is made of, and numpy.

scikit-learn is imported only where the model itself does a part of the work: what is not compiled behind a table's
columns, and many rows, where it is faster with these.

`python -m optimize`, which packing the model runs, writes optimized.npz beside the model, where its answers were shown
equal on sample rows. Some of these rows and answers are kept in it and asked again here, before it serves.
"""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from serving.compiled_table import Table
from serving.equality import same
from serving.rows import objects
from serving.tree_walk import Trees

FILE = "optimized.npz"
FORMAT = 3
TOLERANCE = 1e-9  # relative, of numbers in double precision; labels are identical
Values = npt.NDArray[np.float64]


class UnusableError(Exception):
    """The original model serves; `str(error)` says why."""


# Which values a model takes, and what tells that there are others: scikit-learn looks at each, which takes longer.
REFUSES: dict[str, Callable[[Values], bool]] = {
    "finite": lambda values: not np.isfinite(values).all(),
    "missing": lambda values: bool(np.isinf(values).any()),
    "all": lambda _: False,
}


def _fill(values: Values, given: Values) -> Values:
    return np.where(np.isnan(values), given, values)


def _check(values: Values, _: Values) -> Values:
    if np.isinf(values).any():
        raise ValueError("a value became infinite")
    return values


STEPS: dict[str, Callable[[Values, Values], Any]] = {
    "subtract": np.subtract,
    "divide": np.divide,
    "multiply": np.multiply,
    "add": np.add,
    "fill": _fill,
    "at_least": np.maximum,
    "at_most": np.minimum,
    "check": _check,
}


class Compiled:
    """Predicts as the model that it was made of. `facts` and `arrays` are what `optimize` writes."""

    def __init__(self, facts: dict[str, Any], arrays: dict[str, npt.NDArray[Any]], original: Any = None) -> None:
        """Take them. `original` is the model itself, where `needs_original` says so."""
        self.n_features_in_ = int(facts["width"])
        if facts["names"] is not None:
            self.feature_names_in_ = facts["names"]
        self.columns: list[dict[str, Any]] | None = facts.get("columns")  # of a table: what a request may hold
        self.most_rows: int | None = facts.get("most_rows")  # with more, `original` is faster; None: never
        self.original = original
        self._table = Table(facts["table"], arrays, STEPS) if facts["table"] else None
        self._steps = [(STEPS[name], arrays[f"step_{place}"]) for place, name in enumerate(facts["steps"])]
        self._refuses = REFUSES[facts["takes"]]
        self._labels = arrays.get("labels")
        self._decide: Callable[[Values], Any] = DECISIONS[facts["decision"]]
        self._scale = float(facts["scale"])
        if facts["kind"] == "rest":
            self._raw: Callable[[Values], Any] = partial(_rest, chain(original)[facts["skip"] :])
        elif facts["kind"] == "network":
            self._raw = partial(_network, arrays, int(facts["layers"]), ACTIVATIONS[facts["activation"]])
        else:
            self._raw = self._linear(arrays) if facts["kind"] == "linear" else self._walk(facts, arrays)

    def predict(self, rows: Any) -> npt.NDArray[Any]:
        """Give a label or a number a row. Raises ValueError for values that the model does not take."""
        given = np.asarray(rows, None if self._table else np.float64)
        if given.ndim != 2 or given.shape[1] != self.n_features_in_ or not len(given):
            raise ValueError(f"expected rows of {self.n_features_in_} columns")
        values: Values = self._table(given) if self._table else given
        if self._refuses(values):
            raise ValueError("a value is missing or infinite")
        for work, known in self._steps:
            values = work(values, known)
        decided: npt.NDArray[Any] = self._decide(self._raw(values))
        return decided if self._labels is None else self._labels.take(decided)

    @staticmethod
    def _linear(arrays: dict[str, Any]) -> Callable[[Values], Any]:
        weights, intercept = arrays["coef"].T, arrays["intercept"]
        return lambda values: values @ weights + intercept

    def _walk(self, facts: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> Callable[[Values], Any]:
        numbers = [arrays[name].astype(np.intp) for name in ("feature", "left", "roots")]
        threshold, missing_right, value = (arrays[name] for name in ("threshold", "missing_right", "value"))
        trees = Trees(facts["depth"], numbers[0], threshold, numbers[1], missing_right, value, numbers[2])
        start, largest = arrays["start"], np.finfo(trees.threshold.dtype).max

        def raw(values: Values) -> Values:
            if trees.threshold.dtype == np.float32 and (np.abs(values) > largest).any():
                raise ValueError("a value is too large")
            return trees.total(values, start) / self._scale

        return raw


def needs_original(facts: dict[str, Any]) -> bool:
    """Tell whether the model itself does a part of the work."""
    return facts["kind"] == "rest" or facts.get("most_rows") is not None


def chain(model: Any) -> list[Any]:
    """Flatten a pipeline, which a search may have found, into its steps; the last one predicts."""
    if hasattr(model, "best_estimator_"):
        return chain(model.best_estimator_)
    if not isinstance(getattr(model, "steps", None), list):
        return [model]
    return [*(step for _, step in model.steps[:-1]), *chain(model.steps[-1][1])]


ACTIVATIONS: dict[str, Callable[[Values], Any]] = {
    "identity": lambda values: values,
    "logistic": lambda values: (np.tanh(values / 2) + 1) / 2,
    "tanh": np.tanh,
    "relu": lambda values: np.maximum(values, 0),
}


def _network(arrays: dict[str, Any], layers: int, activate: Callable[[Values], Any], values: Values) -> Values:
    for layer in range(layers):
        values = (activate(values) if layer else values) @ arrays[f"weights_{layer}"] + arrays[f"bias_{layer}"]
    return values


def _rest(steps: list[Any], values: Values) -> Any:
    """Ask scikit-learn for what is not compiled behind a table."""
    for step in steps[:-1]:
        if step is not None and not isinstance(step, str):  # "passthrough"
            values = step.transform(values)
    return steps[-1].predict(values)


def _number(raw: Values) -> Values:
    return raw[:, 0] if raw.ndim == 2 and raw.shape[1] == 1 else raw


def _sign(raw: Values) -> npt.NDArray[np.intp]:
    return (raw.ravel() > 0).astype(np.intp)


def _largest(raw: Values) -> Any:
    return raw.argmax(axis=1)


def _odds(raw: Values) -> npt.NDArray[np.intp]:
    chance = 1 / (1 + np.exp(-raw.ravel()))
    return (chance > 1 - chance).astype(np.intp)


DECISIONS: dict[str, Callable[[Values], Any]] = {
    "number": _number,
    "sign": _sign,
    "largest": _largest,
    "odds": _odds,
    "itself": lambda raw: raw,
}


def _samples(facts: dict[str, Any], arrays: dict[str, Any]) -> Any:
    return objects(facts["sample_rows"]) if facts["table"] else arrays["sample_rows"]


def write(path: Path, facts: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> None:
    """Write the file: the same bytes for the same model."""
    text = np.frombuffer(json.dumps({"format": FORMAT, **facts}, sort_keys=True).encode(), np.uint8)
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, facts=text, **arrays)


def digest(source: Path) -> str:
    """Give the SHA-256 of a model's file."""
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(source: Path, framework_version: str, original: Callable[[], Any]) -> Compiled:
    """Read the equal of the model in the file `source`. Raises UnusableError where there is none, or it is another's.

    `original` loads the model itself, where that is needed; what it raises is raised.
    """
    path = source.with_name(FILE)
    if not path.is_file():
        raise UnusableError(
            f"there is no {FILE} beside the model: pack it with `make model`, which says why it made none"
        )
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = dict(stored)
        facts = json.loads(arrays.pop("facts").tobytes())
        made_of = facts["format"], facts["framework_version"], facts["source"]
        if made_of != (FORMAT, framework_version, digest(source)):
            raise UnusableError(f"{FILE} was made of another model, or by another release: pack the model again")
        model = Compiled(facts, arrays, original() if needs_original(facts) else None)
        answers = model.predict(_samples(facts, arrays))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise UnusableError(f"{FILE} cannot be used ({type(error).__name__}): pack the model again") from error
    if not same(answers, arrays["sample_answers"], TOLERANCE, 0.0):
        raise UnusableError(f"{FILE} answers otherwise on this machine than where it was made")
    return model
