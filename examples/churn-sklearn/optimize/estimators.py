"""Which scikit-learn models are compiled, and into what: steps of arithmetic, then one product or a walk down trees.

Exact classes only: a subclass may predict otherwise. What is read of a model are its fitted attributes.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
from sklearn import (
    ensemble,
    impute,
    linear_model,
    model_selection,
    neural_network,
    pipeline,
    preprocessing,
    svm,
    tree,
)

from optimize import tables, trees
from serving import framework
from serving.compiled import UnusableError

Made = tuple[dict[str, Any], dict[str, Any]]  # facts and arrays, see serving.compiled
Steps = list[tuple[str, Any]]

CLASSIFIERS = {
    *(linear_model.LogisticRegression, linear_model.LogisticRegressionCV, linear_model.RidgeClassifier),
    *(linear_model.SGDClassifier, linear_model.Perceptron, svm.LinearSVC),
}
REGRESSORS = {
    *(
        linear_model.LinearRegression,
        linear_model.Ridge,
        linear_model.RidgeCV,
        linear_model.Lasso,
        linear_model.LassoCV,
    ),
    *(
        linear_model.ElasticNet,
        linear_model.ElasticNetCV,
        linear_model.SGDRegressor,
        linear_model.HuberRegressor,
        svm.LinearSVR,
    ),
    *(linear_model.BayesianRidge, linear_model.Lars, linear_model.LassoLars),
}
SEARCHES = {model_selection.GridSearchCV, model_selection.RandomizedSearchCV}


def compile_model(model: Any) -> Made:
    """Give a model's facts and arrays. Raises UnusableError that names what is not compiled."""
    first, *others = chain = _chain(model)
    table = tables.table(first) if others and tables.is_table(first) else None
    steps: Steps = []
    done = 0 if table is None else 1
    try:
        for step in chain[done:-1]:
            steps += step_of(step)
            done += 1
        facts, arrays = _last(chain[-1])
    except UnusableError:
        if table is None or hasattr(chain[done], "feature_names_in_"):  # it would miss the names
            raise
        facts, arrays = {"kind": "rest", "skip": done, "decision": "itself", "scale": 1.0, "takes": "all"}, {}
    names = getattr(model, "feature_names_in_", None)
    facts |= {
        "width": int(model.n_features_in_),
        "names": None if names is None else [str(name) for name in names],
        "steps": [name for name, _ in steps],
        "takes": _takes(facts["takes"], [name for name, _ in steps]),
        "table": None,
    }
    if table is not None:
        found = framework.inputs(model)
        columns = [asdict(column) for column in getattr(found, "columns", ())]
        facts |= {"table": table[0], "columns": columns or None}
        arrays |= table[1]
    arrays |= {f"step_{place}": np.asarray(given, float) for place, (_, given) in enumerate(steps)}
    return facts, arrays


def _chain(model: Any) -> list[Any]:
    """Flatten a pipeline as serving.compiled.chain does, of exact classes only."""
    if type(model) in SEARCHES:
        return _chain(model.best_estimator_)
    if type(model) is not pipeline.Pipeline:
        return [model]
    return [*(step for _, step in model.steps[:-1]), *_chain(model.steps[-1][1])]


def _takes(last: str, steps: list[str]) -> str:
    """Tell which values a model takes: only finite ones, NaN too, all. Scalers let NaN through, and refuse infinity."""
    if "fill" in steps:
        return "missing"
    return "missing" if steps and last == "all" else last


def step_of(step: Any) -> Steps:
    """Give the arithmetic of a scaler or an imputer. Raises UnusableError that names what is not compiled."""
    if step in {None, "passthrough"}:
        return []
    make = STEPS.get(type(step))
    if make is None:
        raise UnusableError(f"{type(step).__name__} is not compiled")
    # What comes out is looked at by whatever takes it next.
    return [*((name, given) for name, given in make(step) if given is not None), ("check", 0.0)]


def _standard(step: Any) -> Steps:
    return [("subtract", step.mean_ if step.with_mean else None), ("divide", step.scale_ if step.with_std else None)]


def _min_max(step: Any) -> Steps:
    clipped: Steps = [("at_least", step.feature_range[0]), ("at_most", step.feature_range[1])] if step.clip else []
    return [("multiply", step.scale_), ("add", step.min_), *clipped]


def _robust(step: Any) -> Steps:
    return [
        ("subtract", step.center_ if step.with_centering else None),
        ("divide", step.scale_ if step.with_scaling else None),
    ]


def _imputer(step: Any) -> Steps:
    known = np.asarray(step.statistics_)
    if (
        step.add_indicator
        or known.dtype.kind != "f"
        or np.isnan(known).any()
        or step.missing_values == step.missing_values
    ):
        raise UnusableError("this SimpleImputer is not compiled: it does more than fill in numbers for NaN")
    return [("fill", known)]


STEPS: dict[type, Callable[[Any], Steps]] = {
    preprocessing.StandardScaler: _standard,
    preprocessing.MinMaxScaler: _min_max,
    preprocessing.MaxAbsScaler: lambda step: [("divide", step.scale_)],
    preprocessing.RobustScaler: _robust,
    impute.SimpleImputer: _imputer,
}


def _last(model: Any) -> Made:
    kind = type(model)
    if kind in CLASSIFIERS:
        several = len(model.classes_) > 2
        return _linear(model, "largest" if several else "sign", labels(model.classes_))
    if kind in REGRESSORS:
        return _linear(model, "number", {})
    if kind in FORESTS:
        return trees.forest(model)
    if kind in {ensemble.GradientBoostingClassifier, ensemble.GradientBoostingRegressor}:
        return trees.boosted(model)
    if kind in {ensemble.HistGradientBoostingClassifier, ensemble.HistGradientBoostingRegressor}:
        return trees.histogram(model)
    if kind in {neural_network.MLPClassifier, neural_network.MLPRegressor}:
        return _network(model)
    raise UnusableError(f"{kind.__name__} is not compiled")


FORESTS = {
    *(ensemble.RandomForestClassifier, ensemble.RandomForestRegressor),
    *(ensemble.ExtraTreesClassifier, ensemble.ExtraTreesRegressor),
    *(tree.DecisionTreeClassifier, tree.DecisionTreeRegressor, tree.ExtraTreeClassifier, tree.ExtraTreeRegressor),
}


def _linear(model: Any, decision: str, found: dict[str, Any]) -> Made:
    facts = {"kind": "linear", "decision": decision, "scale": 1.0, "takes": "finite"}
    return facts, {"coef": np.asarray(model.coef_, float), "intercept": np.asarray(model.intercept_, float), **found}


def _network(model: Any) -> Made:
    """Compile a network: of what comes out, the decision is the same before its last function as behind it."""
    decisions = {"identity": "number", "logistic": "odds", "softmax": "largest"}
    classes = getattr(model, "classes_", None)
    known = model.out_activation_ in decisions and (model.out_activation_ == "identity") == (classes is None)
    if (
        not known
        or (classes is None and model.n_outputs_ > 1)
        or (model.n_outputs_ > 1) != (model.out_activation_ == "softmax")
    ):
        raise UnusableError("a network with several outputs is not compiled")
    facts = {"kind": "network", "decision": decisions[model.out_activation_], "scale": 1.0, "takes": "finite"}
    arrays = {f"weights_{place}": np.asarray(given, float) for place, given in enumerate(model.coefs_)}
    arrays |= {f"bias_{place}": np.asarray(given, float) for place, given in enumerate(model.intercepts_)}
    facts |= {"layers": len(model.coefs_), "activation": model.activation}
    return facts, {**arrays, **({} if classes is None else labels(classes))}


def labels(classes: Any) -> dict[str, Any]:
    """Give the labels as an array that needs no pickle. Raises UnusableError for others."""
    if not isinstance(classes, np.ndarray):
        raise UnusableError("a model with several outputs is not compiled")
    if classes.dtype.hasobject:
        if not all(isinstance(label, str) for label in classes):
            raise UnusableError("its labels are neither numbers nor text")
        classes = classes.astype(str)
    return {"labels": classes}
