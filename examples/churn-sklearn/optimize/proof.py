"""Whether a compiled model answers as the original: labels identical, numbers within 1e-9 of each other.

Asked are rows around what the model knows (`samples`); then rows with missing, huge, infinite and strange values, which
both must take or both refuse.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from optimize import samples
from serving import framework
from serving.compiled import TOLERANCE, Compiled, UnusableError
from serving.equality import same

KEPT = 32  # which the server asks again at start
ODD = (np.nan, np.inf, -np.inf, 1e39, -1e300, 1.7e308)
ODD_BY_TYPE = {"float": (np.nan, 1e39, -1e300), "string": (np.nan, "", "no such value", "12")}
ODD_OF_ANY = (
    np.nan,
    1e39,
    -3.5,
    7.0,
    1.0,
    "",
    "no such value",
    "12",
    True,
)  # of a column whose values have their own type


def prove(model: Any, compiled: Compiled, facts: dict[str, Any], arrays: dict[str, Any]) -> Any:
    """Compare; give the rows, and put some of them with the answers into what is written.

    Raises UnusableError where answers differ.
    """
    rows = samples.rows(facts, arrays)
    itself = as_served(model, facts)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers = itself(rows)
        found = compiled.predict(rows)
        # One row at a time is added up in another order than many.
        alone = np.concatenate([compiled.predict(rows[place : place + 1]) for place in range(KEPT)])
        if not same(answers, found, TOLERANCE, 0.0) or not same(answers[:KEPT], alone, TOLERANCE, 0.0):
            raise UnusableError(f"its answers are not the same on {len(rows)} sample rows")
        _odd(rows[:1], itself, compiled.predict, compiled)
    kept = answers[:KEPT]
    arrays["sample_answers"] = kept.astype(str) if kept.dtype.hasobject else kept
    if facts["table"]:
        facts["sample_rows"] = [[None if value != value else value for value in row] for row in rows[:KEPT].tolist()]  # noqa: PLR0124 - NaN
    else:
        arrays["sample_rows"] = rows[:KEPT]
    return rows


def as_served(model: Any, facts: dict[str, Any]) -> Callable[[Any], Any]:
    """Give what the server calls for the rows of a request where it has no equal."""
    names = tuple(facts["names"] or ())
    return lambda rows: np.asarray(model.predict(framework.to_input(model, rows, names)))


def _odd(row: Any, itself: Callable[[Any], Any], equal: Callable[[Any], Any], compiled: Compiled) -> None:
    for column in range(row.shape[1]):
        for odd in _odd_values(row, compiled, column):
            changed = row.copy()
            changed[0, column] = odd
            if not _alike(_outcome(itself, changed), _outcome(equal, changed)):
                name = compiled.columns[column]["name"] if compiled.columns else column
                raise UnusableError(f"it does not treat {odd!r} in column {name} as the model does")


def _odd_values(row: Any, compiled: Compiled, column: int) -> tuple[Any, ...]:
    """What a request may bring into a column: infinity never comes into one with others that hold text."""
    if row.dtype != object:
        return ODD
    kind = compiled.columns[column]["type"] if compiled.columns else None
    return ODD_BY_TYPE.get(str(kind), ODD_OF_ANY)


def _outcome(predict: Callable[[Any], Any], rows: Any) -> Any:
    try:
        return np.asarray(predict(rows))
    except (ValueError, TypeError):
        return None


def _alike(one: Any, other: Any) -> bool:
    return (one is None and other is None) or (
        one is not None and other is not None and same(one, other, TOLERANCE, 0.0)
    )
