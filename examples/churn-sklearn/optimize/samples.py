"""Rows to ask a model and its equal: around what the model knows.

Those are the thresholds of its trees, on them and beside them, the centres and spreads of its scalers, and its categories.
"""

from typing import Any

import numpy as np

ROWS = 2000
GAPS = 0.1  # share of missing and of unknown values, where these are taken


def rows(facts: dict[str, Any], arrays: dict[str, Any]) -> Any:
    """Make them: float64, or object for a table with categories."""
    random = np.random.default_rng(0)
    if facts.get("table"):
        return _table(facts, arrays, random)
    made = _numbers(facts["width"], [arrays[name] for name in arrays if name.startswith("step_")], random)
    if "threshold" in arrays:
        _around_thresholds(made, arrays, random)
    return made


def _numbers(width: int, given: list[Any], random: Any) -> Any:
    made = random.normal(size=(ROWS, width)) * 10 ** random.uniform(-2, 3, (ROWS, 1))
    for known in given:  # in the units of the scalers
        if np.shape(known) == (width,):
            made[: ROWS // 2] += known * random.normal(size=(ROWS // 2, width))
    return made


def _around_thresholds(made: Any, arrays: dict[str, Any], random: Any) -> None:
    feature, threshold = arrays["feature"], arrays["threshold"]
    if any(name.startswith("step_") for name in arrays):  # thresholds are in the units behind these
        return
    for column in range(made.shape[1]):
        known = threshold[(feature == column) & np.isfinite(threshold)]
        if len(known):
            chosen = random.choice(known, len(made) * 3 // 4)
            beside = random.integers(-1, 2, len(chosen)) * np.spacing(np.abs(chosen))
            made[: len(chosen), column] = chosen + beside


def _table(facts: dict[str, Any], arrays: dict[str, Any], random: Any) -> Any:
    made = np.zeros((ROWS, facts["width"]), dtype=object)
    for place, column in enumerate(facts["columns"] or ()):
        if column["type"] == "string":  # of no block: dropped
            made[:, place] = ""
    for place, block in enumerate(facts["table"]):
        if block["kind"] != "numbers":
            continue
        given = [arrays[f"table_{place}_{number}"] for number in range(len(block["steps"]))]
        found = _numbers(len(block["columns"]), given, random)
        if "fill" in block["steps"]:
            found[random.random(found.shape) < GAPS] = np.nan
        made[:, block["columns"]] = found
    for block in facts["table"]:
        for column, codes in zip(block["columns"], block.get("codes", ()), strict=False):
            made[:, column] = _categories(codes, random)
    return made


def _categories(codes: dict[str, Any], random: Any) -> Any:
    values = [value for value, _ in codes["values"]]
    made = np.array([values[place] for place in random.integers(0, len(values), ROWS)], dtype=object)
    if codes["missing"] is not None:
        made[random.random(ROWS) < GAPS] = np.nan
    if codes["unknown"] is not None:
        made[random.random(ROWS) < GAPS] = "?" if isinstance(values[0], str) else max(values) + 1
    return made
