"""Trees of scikit-learn as arrays, for serving.tree_walk: forests, gradient boosting, histogram gradient boosting."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from optimize import estimators
from serving.compiled import UnusableError

Made = tuple[dict[str, Any], dict[str, Any]]  # facts and arrays, see serving.compiled
Outcome = tuple[str, dict[str, Any]]  # what is decided of the sum, and the labels


def forest(model: Any) -> Made:
    """Compile a forest, or a single tree: the mean of its trees."""
    if model.n_outputs_ > 1:
        raise UnusableError("a model with several outputs is not compiled")
    members = getattr(model, "estimators_", [model])
    arrays = _joined([_nodes(member.tree_, member.tree_.value[:, 0, :]) for member in members], np.float32)
    outputs = arrays["value"].shape[1]
    classes = getattr(model, "classes_", None)
    outcome = ("number", {}) if classes is None else ("largest", estimators.labels(classes))
    made = _made(outcome, arrays, np.zeros(outputs), takes=_takes(members))
    made[0]["scale"] = float(len(members))
    return made


def boosted(model: Any) -> Made:
    """Compile gradient boosting: what it starts from, plus each tree times the learning rate."""
    width, outputs = model.n_features_in_, model.estimators_.shape[1]
    first = model._raw_predict_init(np.zeros((2, width), np.float32))  # noqa: SLF001 - what it adds trees to
    if model.init is not None or not np.array_equal(first[0], first[1]):
        raise UnusableError("gradient boosting that starts from a model of its own is not compiled")
    nodes = []
    for stage in model.estimators_:
        for output, member in enumerate(stage):
            value = np.zeros((member.tree_.node_count, outputs))
            value[:, output] = member.tree_.value[:, 0, 0] * model.learning_rate
            nodes.append(_nodes(member.tree_, value))
    return _made(_outcome(model, outputs), _joined(nodes, np.float32), first[0], takes="finite")


def histogram(model: Any) -> Made:
    """Compile histogram gradient boosting."""
    if model.is_categorical_ is not None and np.any(model.is_categorical_):
        raise UnusableError("histogram gradient boosting with categories is not compiled")
    stages = model._predictors  # noqa: SLF001 - nowhere else are its trees
    outputs = len(stages[0])
    nodes = []
    for stage in stages:
        for output, member in enumerate(stage):
            given = member.nodes
            value = np.zeros((len(given), outputs))
            value[:, output] = given["value"]
            leaf = given["is_leaf"].astype(bool)
            missing_right = ~given["missing_go_to_left"].astype(bool)
            nodes.append(
                (
                    given["feature_idx"],
                    given["num_threshold"],
                    given["left"],
                    given["right"],
                    missing_right,
                    leaf,
                    value,
                )
            )
    start = np.ravel(model._baseline_prediction)  # noqa: SLF001
    return _made(_outcome(model, outputs), _joined(nodes, np.float64), start, takes="all")


def _outcome(model: Any, outputs: int) -> Outcome:
    classes = getattr(model, "classes_", None)
    if classes is not None:
        return ("largest" if outputs > 1 else "odds"), estimators.labels(classes)
    loss = getattr(model, "loss", "squared_error")
    if loss in {"poisson", "gamma"}:
        raise UnusableError(f"the loss {loss} is not compiled")
    return "number", {}


def _made(outcome: Outcome, arrays: dict[str, Any], start: Any, *, takes: str) -> Made:
    decision, found = outcome
    depth = int(arrays.pop("depth"))
    facts = {"kind": "trees", "decision": decision, "scale": 1.0, "takes": takes, "depth": depth}
    return facts, {**arrays, **found, "start": np.asarray(start, float)}


def _nodes(tree: Any, value: Any) -> tuple[Any, ...]:
    leaf = tree.children_left == -1
    missing = tree.__getstate__()["nodes"]["missing_go_to_left"].astype(bool)
    return tree.feature, tree.threshold, tree.children_left, tree.children_right, ~missing, leaf, value


def _joined(parts: Sequence[tuple[Any, ...]], dtype: Any) -> dict[str, Any]:
    """Put the nodes of all trees into one numbering."""
    counts = [len(part[0]) for part in parts]
    roots = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp)
    feature, threshold, left, right, missing_right, leaf, value = (
        np.concatenate([part[place] for part in parts]) for place in range(7)
    )
    own = np.arange(len(leaf), dtype=np.intp)
    offset = np.repeat(roots, counts)
    order, depth = _by_level(roots, left + offset, right + offset, leaf)
    place = np.argsort(order)
    return {
        "feature": np.where(leaf, 0, feature)[order].astype(np.int32),
        "threshold": np.where(leaf, np.inf, _floor(threshold, dtype))[order].astype(dtype),
        "left": place[np.where(leaf, own, left + offset)[order]].astype(np.int32),
        "missing_right": (missing_right & ~leaf)[order],
        "value": value[order],
        "roots": place[roots].astype(np.int32),
        "depth": depth,
    }


def _by_level(roots: Any, left: Any, right: Any, leaf: Any) -> tuple[Any, int]:
    """Give the nodes level by level, each left child before its right one, and how many levels are below the roots."""
    levels = [roots]
    while len(inner := levels[-1][~leaf[levels[-1]]]):
        levels.append(np.stack([left[inner], right[inner]], axis=1).ravel().astype(np.intp))
    return np.concatenate(levels), len(levels) - 1


def _floor(threshold: Any, dtype: Any) -> Any:
    """Give the largest number of a type that is not above a threshold: for values of the type the comparison is the same."""
    rounded = threshold.astype(dtype)
    return np.where(rounded > threshold, np.nextafter(rounded, np.array(-np.inf, dtype)), rounded)


def _takes(members: Iterable[Any]) -> str:
    # Forests take NaN where their trees can: those that choose the best split do.
    can = all(member._support_missing_values(np.zeros((1, 1), np.float32)) for member in members)  # noqa: SLF001
    return "missing" if can else "finite"
