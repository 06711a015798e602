"""LightGBM's text, as `Booster.save_model` writes it and as a pickled Booster holds it, as facts.

Rules: it is read line by line; trees are counted and passed over. The text does not say which LightGBM wrote it, only the
version of its form (v4 is LightGBM 4).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from byocgen.inspect.damage import ENDS_EARLY, HEADER, ITEMS, Damaged
from byocgen.inspect.facts import Column, Facts, Format, Kind
from byocgen.inspect.files import size_of

if TYPE_CHECKING:
    import io

MAGIC = b"tree\nversion=v"
_NAMELESS = re.compile(r"Column_\d+")
_LINE = 16 * 1024 * 1024
_KINDS = {
    **dict.fromkeys(("binary", "multiclass", "multiclassova"), Kind.CLASSIFIER),
    **dict.fromkeys(("lambdarank", "rank_xendcg"), Kind.RANKER),
    **dict.fromkeys(
        ("regression", "regression_l1", "huber", "fair", "poisson", "quantile", "mape", "gamma", "tweedie"),
        Kind.REGRESSOR,
    ),
}
_OF_INTEREST = ("feature_names", "feature_infos", "max_feature_idx", "objective", "version")


def read(file: io.BufferedReader, path: str) -> Facts:
    """Read a model. Raises Damaged where the text is cut off."""
    size = size_of(file)
    words, trees = _header(file)
    categorical, categories = _end(file, trees)
    names = words.get("feature_names", "").split()
    named = not all(_NAMELESS.fullmatch(name) for name in names)
    last = words.get("max_feature_idx", "")
    objective = words.get("objective", "").partition(" ")[0]
    return Facts(
        path=path,
        format=Format.LIGHTGBM_TEXT,
        file_bytes=size,
        framework="lightgbm",
        model="lightgbm.Booster",
        kind=_KINDS.get(objective),
        objective=objective or None,
        columns=_columns(names, words.get("feature_infos", "").split(), categorical, categories) if named else (),
        column_count=int(last) + 1 if last.isdecimal() and len(last) < 10 else None,
        memory_bytes=size,
    )


def _lines(file: io.BufferedReader) -> Any:
    while True:
        line = file.readline(_LINE)
        if not line:
            return
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def _header(file: io.BufferedReader) -> tuple[dict[str, str], bool]:
    """Read what stands in front of the trees; whether trees follow."""
    words: dict[str, str] = {}
    for line in _lines(file):
        if line.startswith("Tree="):
            return words, True
        if line == "end of trees":
            return words, False
        key, equals, value = line.partition("=")
        if equals and key in _OF_INTEREST:
            words[key] = value
    raise Damaged(ENDS_EARLY)


def _end(file: io.BufferedReader, trees: bool) -> tuple[list[int], list[Any]]:  # noqa: FBT001 - as _header found it
    """Pass over the trees; read which columns are categories, and the categories, from what stands behind them."""
    ended, categorical, categories = not trees, [], []
    for line in _lines(file):
        if line == "end of trees":
            ended = True
        elif line.startswith("[categorical_feature: "):
            numbers = line.removeprefix("[categorical_feature: ").rstrip("]").split(",")
            categorical = [int(number) for number in numbers if number.isdecimal() and len(number) < 10]
        elif line.startswith("pandas_categorical:") and len(line) < HEADER:
            categories = _listed(line.removeprefix("pandas_categorical:"))
    if not ended:
        raise Damaged(ENDS_EARLY)
    return categorical, categories


def _listed(text: str) -> list[Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return value if isinstance(value, list) else []


def _columns(names: list[str], infos: list[str], categorical: list[int], categories: list[Any]) -> tuple[Column, ...]:
    """Name the columns: a range is a number; categories are listed without their columns, in the order of these."""
    known = dict(zip(categorical, categories, strict=True)) if len(categorical) == len(categories) else {}
    columns = []
    for index, name in enumerate(names[:ITEMS]):
        info = infos[index] if index < len(infos) else ""
        if index in known:
            columns.append(_category(name, known[index]))
        else:
            columns.append(Column(name, "float" if info.startswith("[") or info == "none" else None))
    return tuple(columns)


def _category(name: str, values: Any) -> Column:
    if not isinstance(values, list) or not values:
        return Column(name)
    if all(isinstance(value, str) for value in values):
        return Column(name, "string", tuple(values))
    whole = all(isinstance(value, int) and not isinstance(value, bool) for value in values)
    return Column(name, "integer" if whole else None)
