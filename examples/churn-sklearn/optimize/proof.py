"""Whether a compiled model answers as the original: labels identical, numbers within 1e-9 of each other.

Asked are rows around what the model knows: the thresholds of its trees, on them and beside them, and the centres and
spreads of its scalers; then rows with missing, huge and infinite values, which both must take or both refuse.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from serving.compiled import TOLERANCE, Compiled, UnusableError
from serving.equality import same

ROWS = 2000
KEPT = 32  # which the server asks again at start
ODD = (np.nan, np.inf, -np.inf, 1e39, -1e300, 1.7e308)


def prove(model: Any, compiled: Compiled, arrays: dict[str, Any]) -> tuple[int, Any, Any]:
    """Compare; give the number of rows, and some of them with the answers. Raises UnusableError where they differ."""
    rows = _rows(compiled.n_features_in_, arrays)
    answers = np.asarray(model.predict(rows))
    found = compiled.predict(rows)
    # One row at a time is added up in another order than many.
    alone = np.concatenate([compiled.predict(rows[place : place + 1]) for place in range(KEPT)])
    if not same(answers, found, TOLERANCE, 0.0) or not same(answers[:KEPT], alone, TOLERANCE, 0.0):
        raise UnusableError(f"its answers are not the same on {ROWS} sample rows")
    for odd in ODD:
        for column in range(compiled.n_features_in_):
            changed = rows[:1].copy()
            changed[0, column] = odd
            if not _alike(_outcome(model.predict, changed), _outcome(compiled.predict, changed)):
                raise UnusableError(f"it does not treat {odd} as the model does")
    kept = answers[:KEPT]
    return ROWS, rows[:KEPT], kept.astype(str) if kept.dtype.hasobject else kept


def _rows(width: int, arrays: dict[str, Any]) -> Any:
    random = np.random.default_rng(0)
    rows = random.normal(size=(ROWS, width)) * 10 ** random.uniform(-2, 3, (ROWS, 1))
    for name, given in arrays.items():  # in the units of the scalers
        if name.startswith("step_") and np.shape(given) == (width,):
            rows[: ROWS // 2] += given * random.normal(size=(ROWS // 2, width))
    if "threshold" in arrays:
        _around_thresholds(rows, arrays, random)
    return rows


def _around_thresholds(rows: Any, arrays: dict[str, Any], random: Any) -> None:
    feature, threshold = arrays["feature"], arrays["threshold"]
    steps = [arrays[name] for name in arrays if name.startswith("step_")]
    if steps:  # thresholds are in the units behind these
        return
    for column in range(rows.shape[1]):
        known = threshold[(feature == column) & np.isfinite(threshold)]
        if len(known):
            chosen = random.choice(known, len(rows) * 3 // 4)
            beside = random.integers(-1, 2, len(chosen)) * np.spacing(np.abs(chosen))
            rows[: len(chosen), column] = chosen + beside


def _outcome(predict: Callable[[Any], Any], rows: Any) -> Any:
    try:
        return np.asarray(predict(rows))
    except ValueError:
        return None


def _alike(one: Any, other: Any) -> bool:
    return (one is None and other is None) or (
        one is not None and other is not None and same(one, other, TOLERANCE, 0.0)
    )
