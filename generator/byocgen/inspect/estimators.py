"""The scikit-learn API in a pickle: what an estimator is, what it was fitted on, and which columns it takes.

Rules: it asks what the attributes say that `fit` sets (names that end in an underscore are scikit-learn's public promise)
and never what a class would compute. Column types follow `serving.framework` of the scikit-learn scaffold.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from byocgen.inspect.arrays import array_of, text_of, values_of
from byocgen.inspect.facts import Column
from byocgen.inspect.inert import Mapping, Object, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

_VISITED = 200_000
_DEPTH = 8
LEARNT = ("mean_", "center_", "statistics_", "data_max_", "max_abs_")
_TAKES_ANYTHING = (
    *("ColumnTransformer", "FeatureUnion", "FunctionTransformer", "OneHotEncoder", "OrdinalEncoder", "TargetEncoder"),
    *("SimpleImputer", "MissingIndicator", "CountVectorizer", "TfidfVectorizer", "HashingVectorizer", "DictVectorizer"),
    *("FeatureHasher", "LabelBinarizer", "LabelEncoder", "MultiLabelBinarizer"),
)
"""What may come first in a model and takes columns that are no numbers."""


def reachable(model: Any) -> Iterator[Object]:
    """Give every object that a model holds, itself first, each once; of very large ones only the first part."""
    seen: set[int] = set()
    waiting: deque[Any] = deque([model])
    while waiting and len(seen) < _VISITED:
        one = waiting.popleft()
        if id(one) in seen or not isinstance(one, Object | Mapping | Sequence | tuple):
            continue
        seen.add(id(one))
        if isinstance(one, Object):
            yield one
            waiting.extend((one.state, one.args, one.items, one.entries))
        elif isinstance(one, Mapping):
            waiting.extend(one.known.values())
        else:
            waiting.extend(one.items if isinstance(one, Sequence) else one)


def called(model: Any) -> str:
    """Name the class of a model, with its module; an empty text for what is no object."""
    return str(model.cls) if isinstance(model, Object) and model.cls is not None else ""


def short(model: Any) -> str:
    """Name the class alone."""
    return called(model).rpartition(".")[2]


def attribute(model: Any, name: str) -> Any:
    """Return what `fit` or the constructor set, or None."""
    return model.attributes().get(name) if isinstance(model, Object) else None


def steps(model: Any) -> list[Any]:
    """Return the estimators of a pipeline in order, its own where one stands in it."""
    return [step for one in _pairs(attribute(model, "steps")) if (step := one[-1]) is not None]


def inside(model: Any, way: int) -> Any:
    """Go into pipelines and searches: to what comes first (0), or what comes last (-1)."""
    for _ in range(_DEPTH):
        best, of_pipeline = attribute(model, "best_estimator_"), steps(model)
        if best is not None:
            model = best
        elif of_pipeline:
            model = of_pipeline[way]
        else:
            break
    return model


def said(model: Any, name: str) -> Any:
    """Return an attribute of the model, or of what comes first in it, as scikit-learn's delegation does."""
    for _ in range(_DEPTH):
        value = attribute(model, name)
        if value is not None:
            return value
        following = attribute(model, "best_estimator_") or next(iter(steps(model)), None)
        if following is None:
            return None
        model = following
    return None


def feature_names(model: Any) -> list[str]:
    """Return the names of the columns that the model was fitted on, in order; none where it has none."""
    values = values_of(said(model, "feature_names_in_")) or []
    return values if all(type(value) is str for value in values) else []


def feature_count(model: Any) -> int | None:
    """Return how many columns the model takes."""
    names, value = feature_names(model), said(model, "n_features_in_")
    if array_of(value) is not None:
        value = next(iter(values_of((value,)) or ()), None)
    return value if type(value) is int and value >= 0 else len(names) or None


def classes(model: Any) -> tuple[str, ...]:
    """Return a classifier's labels as texts: its own, or those of the estimator that it wraps."""
    last = inside(model, -1)
    for one in (model, last, attribute(last, "estimator_")):
        values = values_of(attribute(one, "classes_")) or []
        if values and all(isinstance(value, str | int | float) for value in values):
            return tuple(str(value) for value in values[:1000])
    return ()


def columns(model: Any) -> tuple[Column, ...]:
    """Return the columns with their types, as far as the steps tell."""
    names = feature_names(model)
    first = inside(model, 0)
    cls = called(first)
    plain = cls.startswith(("sklearn.", "xgboost.", "lightgbm.")) and not cls.endswith(_TAKES_ANYTHING)
    if plain and attribute(first, "is_categorical_") is None:
        return tuple(Column(name, "float") for name in names)
    known = {column.name: column for column in _known(first, names, 0)}
    return tuple(known.get(name, Column(name)) for name in names)


def by_name(model: Any) -> bool:
    """Whether a step chooses columns by their names, for which scikit-learn needs a data frame."""
    return any(
        isinstance(where, Sequence) and any(type(name) is str for name in where.items)
        for one in reachable(model)
        if short(one) == "ColumnTransformer"
        for *_, where in _pairs(attribute(one, "transformers_"))
    )


def _pairs(value: Any) -> Iterator[tuple[Any, ...]]:
    for one in value.items if isinstance(value, Sequence) else ():
        if isinstance(one, tuple) and len(one) in (2, 3):
            yield one


def _known(step: Any, names: list[str], depth: int) -> Iterator[Column]:
    """Find what the steps of a ColumnTransformer learnt of its columns."""
    if depth > _DEPTH:
        return
    for _, inner, where in (one for one in _pairs(attribute(step, "transformers_")) if len(one) == 3):
        chosen = values_of(where) or []
        if all(type(name) is str for name in chosen):
            yield from _known(inner, chosen, depth + 1)
    first = inside(step, 0)
    if first is not step:
        yield from _known(first, names, depth + 1)
    yield from _encoded(step, names)
    for name in LEARNT:
        values = values_of(attribute(step, name)) or []
        if len(values) == len(names):
            # Booleans can be computed with too: what lies beyond 0 and 1 was learnt of numbers.
            yield from (
                Column(column, "float")
                for column, value in zip(names, values, strict=True)
                if isinstance(value, int | float) and (value > 1 or value < 0)
            )
            return


def _encoded(step: Any, names: list[str]) -> Iterator[Column]:
    listed = attribute(step, "categories_")
    of_columns = listed.items if isinstance(listed, Sequence) else []
    if len(of_columns) != len(names):
        return
    closed = text_of(attribute(step, "handle_unknown")) == "error"
    for name, categories in zip(names, of_columns, strict=True):
        values = values_of(categories) or []
        if values and all(type(value) is str for value in values):
            yield Column(name, "string", tuple(values) if closed else None)
        elif values and all(type(value) is bool for value in values):
            yield Column(name, "boolean")
        elif values and all(type(value) is int for value in values):
            yield Column(name, "integer")
