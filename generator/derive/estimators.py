"""``estimators.json``: what each public estimator of scikit-learn, XGBoost and LightGBM is, by its class's name.

A class that is several things has the first of KINDS: a discriminant analysis transforms too, and is a classifier.
"""

import inspect
import sys
import warnings
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from typing import Any

from derive.outputs import CATALOG, Output, rows_document, run

DATA = CATALOG / "data" / "estimators.json"
# From scikit-learn's mixins to the words of byocgen.
KINDS = {
    "ClassifierMixin": "classifier",
    "RegressorMixin": "regressor",
    "OutlierMixin": "outlier detector",
    "ClusterMixin": "clusterer",
    "TransformerMixin": "transformer",
}


def derive(derived: str) -> list[Output]:
    """One output: the kinds, each with its classes."""
    base = import_module("sklearn.base")
    found: dict[str, set[str]] = {kind: set() for kind in (*KINDS.values(), "ranker")}
    for name, cls in classes():
        kind = next((kind for mixin, kind in KINDS.items() if issubclass(cls, getattr(base, mixin))), "")
        kind = "ranker" if name.endswith("Ranker") else kind
        if kind:
            found[kind].add(name)
    rows = [{"kind": kind, "classes": sorted(names)} for kind, names in found.items()]
    packages = {"scikit-learn": "scikit-learn", "xgboost-cpu": "XGBoost", "lightgbm": "LightGBM"}
    source = ", ".join(f"{title} {version(name)}" for name, title in packages.items())
    return [Output(DATA, rows_document(f"{source}: the mixins of their public classes", derived, kinds=rows))]


def classes() -> Iterator[tuple[str, Any]]:
    """Every public estimator."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from import_module("sklearn.utils").all_estimators()
    for module in ("xgboost.sklearn", "lightgbm.sklearn"):
        yield from inspect.getmembers(import_module(module), lambda one: inspect.isclass(one) and hasattr(one, "fit"))


if __name__ == "__main__":
    run(derive, DATA, sys.argv[1:])
