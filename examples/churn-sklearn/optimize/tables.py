"""A fitted ColumnTransformer as blocks of a serving.compiled_table: scalers and imputers are read, encoders are asked.

What an encoder, or imputers before it, make of each category, of a missing and of an unknown value, they tell themselves:
a column's code depends on nothing but its value.
"""

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sklearn import compose, impute, pipeline, preprocessing

from optimize import estimators
from serving import framework
from serving.compiled import UnusableError

ENCODERS = {preprocessing.OneHotEncoder: "one_hot", preprocessing.OrdinalEncoder: "ordinal"}
UNKNOWN = "no such category"
Made = tuple[list[dict[str, Any]], dict[str, Any]]  # blocks and arrays


def is_table(step: Any) -> bool:
    """Tell whether a step takes columns apart, or makes numbers of categories."""
    return type(step) in {compose.ColumnTransformer, *ENCODERS}


def table(step: Any) -> Made:
    """Compile it. Raises UnusableError that names what is not compiled."""
    names = tuple(str(name) for name in getattr(step, "feature_names_in_", ()))
    blocks: list[dict[str, Any]] = []
    arrays: dict[str, Any] = {}
    for member, columns in _members(step):
        chain = _chain(member)
        if chain and type(chain[-1]) in ENCODERS:
            blocks.append(_asked(member, chain, columns, tuple(names[place] for place in columns) if names else ()))
            continue
        steps = [pair for one in chain for pair in estimators.step_of(one)]
        for number, (_, given) in enumerate(steps):
            arrays[f"table_{len(blocks)}_{number}"] = np.asarray(given, float)
        named = [name for name, _ in steps]
        blocks.append({"kind": "numbers", "columns": columns, "steps": named, "widths": [1] * len(columns)})
    return blocks, arrays


def _members(step: Any) -> Iterator[tuple[Any, list[int]]]:
    if type(step) in ENCODERS:
        yield step, list(range(step.n_features_in_))
        return
    if step.transformer_weights:
        raise UnusableError("a ColumnTransformer with weights is not compiled")
    for name, member, _ in step.transformers_:
        places = step._transformer_to_input_indices[name]  # noqa: SLF001 - else names, masks and slices in one
        if len(places) and not (isinstance(member, str) and member == "drop"):
            yield member, [int(place) for place in places]


def _chain(member: Any) -> list[Any]:
    """Give the steps that a member of a ColumnTransformer is made of."""
    if type(member) is pipeline.Pipeline:
        return [one for _, step in member.steps for one in _chain(step)]
    if type(member) is preprocessing.FunctionTransformer and member.func is None:
        return []
    return [] if member is None or (isinstance(member, str) and member == "passthrough") else [member]


def _asked(member: Any, chain: Sequence[Any], columns: list[int], names: tuple[str, ...]) -> dict[str, Any]:
    encoder = chain[-1]
    if any(type(step) is not impute.SimpleImputer or step.add_indicator for step in chain[:-1]):
        raise UnusableError(f"an encoder behind a {type(chain[0]).__name__} is not compiled")
    kind = ENCODERS[type(encoder)]
    known = [[value for value in found.tolist() if not _is_missing(value)] for found in encoder.categories_]
    if any(not isinstance(value, str | int | float) for values in known for value in values):
        raise UnusableError("its categories are neither text nor numbers")
    if not all(known):
        raise UnusableError("a column has no category")
    widths = [int(width) for width in encoder._n_features_outs] if kind == "one_hot" else [1] * len(known)  # noqa: SLF001
    first = np.cumsum([0, *widths])

    def told(column: int, values: list[Any]) -> list[Any]:
        rows = np.array([[one[0] for one in known]] * len(values), dtype=object)
        rows[:, column] = np.array(values, dtype=object)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of unknown categories, which are wanted
            found = member.transform(framework.to_input(member, rows, names))
        dense = np.asarray(found.toarray() if hasattr(found, "toarray") else found, float)
        part = dense[:, first[column] : first[column + 1]]
        return [_code(one, kind) for one in part]

    codes = []
    for column, values in enumerate(known):
        other = UNKNOWN if isinstance(values[0], str) else max(values) + 1
        pairs = list(zip(values, told(column, values), strict=True))
        codes.append(
            {"values": pairs, "missing": _or_none(told, column, np.nan), "unknown": _or_none(told, column, other)}
        )
    return {"kind": kind, "columns": columns, "widths": widths, "codes": codes}


def _is_missing(value: Any) -> bool:
    return value is None or value != value  # noqa: PLR0124 - NaN


def _or_none(told: Any, column: int, value: Any) -> Any:
    try:
        return told(column, [value])[0]
    except (ValueError, TypeError):
        return None


def _code(found: Any, kind: str) -> Any:
    if kind == "ordinal":
        return float(found[0])
    if not np.isin(found, (0, 1)).all() or found.sum() > 1:
        raise UnusableError("an encoder gave other numbers than 0 and 1")
    return int(found.argmax()) if found.any() else -1
