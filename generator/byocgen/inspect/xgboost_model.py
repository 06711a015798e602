"""XGBoost's own files, JSON or UBJSON, as facts; also the bytes that a pickled Booster holds, which are UBJSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from byocgen.inspect import json_events, ubjson
from byocgen.inspect.damage import ITEMS, VALUES, TooLong, Unknown
from byocgen.inspect.facts import Column, Facts, Format, Kind, Said
from byocgen.inspect.files import size_of
from byocgen.inspect.json_events import Run

if TYPE_CHECKING:
    import io
    from collections.abc import Iterable

_NODE_BYTES = 53
"""Of one node in memory: 20 of RegTree::Node, 16 of its statistics, 1 of the split's type, 16 of its categories' segment
(include/xgboost/tree_model.h of 3.x)."""
_TYPES = {"float": "float", "q": "float", "int": "integer", "i": "boolean"}


@dataclass(slots=True)
class Booster:
    """What the values of a file add up to."""

    names: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    version: list[int] = field(default_factory=list)
    offsets: dict[int, list[float]] = field(default_factory=dict)
    values: dict[int, list[float]] = field(default_factory=dict)
    words: dict[tuple[str | int, ...], Any] = field(default_factory=dict)
    nodes: int = 0
    weights: int = 0

    def take(self, path: json_events.Path, value: Any) -> None:
        """Note one value."""
        path = path[1:] if path[:1] == ("Model",) else path
        if path[:1] == ("version",):
            self.version += [int(number) for number in value.first()] if isinstance(value, Run) else [value]
        elif path[:2] == ("learner", "gradient_booster"):
            self._booster(path, value)
        elif path[:2] == ("learner", "feature_names") and len(self.names) < ITEMS and len(path) == 3:
            self.names.append(str(value))
        elif path[:2] == ("learner", "feature_types") and len(self.types) < ITEMS and len(path) == 3:
            self.types.append(str(value))
        elif path[:1] == ("learner",) and len(path) <= 4 and not isinstance(value, Run) and len(self.words) < 1000:
            self.words[path[1:]] = value

    def _booster(self, path: json_events.Path, value: Any) -> None:
        if path[-1] == "split_conditions" and isinstance(value, Run):
            self.nodes += value.count
        elif path[-2:] == ("model", "weights") and isinstance(value, Run):
            self.weights += value.count
        elif path[-1] in ("offsets", "values") and "enc" in path and isinstance(value, Run) and value.count:
            kept = self.offsets if path[-1] == "offsets" else self.values
            if len(kept) < ITEMS and isinstance(path[-2], int):
                kept[path[-2]] = value.first() if len(value.first()) == value.count else []
        elif path[2:] == ("name",):
            self.words["gradient_booster",] = value

    def word(self, *path: str) -> str | None:
        """Return a text of the learner."""
        value = self.words.get(path)
        return value if isinstance(value, str) else None

    def columns(self) -> tuple[Column, ...]:
        """Give names, types and categories of the columns."""
        types: Iterable[str] = self.types if len(self.types) == len(self.names) else ["float"] * len(self.names)
        return tuple(self._column(index, *pair) for index, pair in enumerate(zip(self.names, types, strict=True)))

    def _column(self, index: int, name: str, kind: str) -> Column:
        if kind != "c":
            return Column(name, _TYPES.get(kind))
        texts = self._categories(index)
        return Column(name, "string" if texts else None, texts or None)

    def _categories(self, index: int) -> tuple[str, ...]:
        """Cut the categories of a column; none where they are numbers, or were not kept whole (see `serving.framework`)."""
        values, offsets = self.values.get(index, []), self.offsets.get(index, [])
        if not offsets or not all(0 <= value < 128 for value in values):
            return ()
        text = bytes(int(value) for value in values).decode("ascii")
        return tuple(text[int(start) : int(end)] for start, end in pairwise(offsets))


def read(file: io.BufferedReader, path: str, form: Format) -> Facts:
    """Read a model. Raises Damaged; Unknown where it is JSON of something else."""
    size = size_of(file)
    found = Booster()
    events = json_events.events(file) if form is Format.XGBOOST_JSON else ubjson.events(file, size)
    for count, (where, value) in enumerate(events):
        if count > VALUES:
            raise TooLong(f"it has more than {VALUES:,} values")
        found.take(where, value)
        if where[:1] not in (("learner",), ("version",), ("Model",), ("Config",)):
            raise Unknown("it is no XGBoost model, nor anything else that byocgen knows")
    booster = found.words.get(("gradient_booster",))
    if booster is None:
        raise Unknown("it is no XGBoost model, nor anything else that byocgen knows")
    width = found.word("learner_model_param", "num_feature")
    version = [part for part in found.version if type(part) is int and part >= 0]
    return Facts(
        path=path,
        format=form,
        file_bytes=size,
        framework="xgboost",
        framework_version=Said(".".join(map(str, version)), "`version` of the model") if len(version) == 3 else None,
        model=f"xgboost.Booster of {str(booster)[:64]}",
        kind=_kind(found),
        objective=found.word("objective", "name"),
        columns=found.columns(),
        column_count=int(width) if width and width.isdecimal() and len(width) < 10 else None,
        memory_bytes=found.nodes * _NODE_BYTES + found.weights * 4,
    )


def _kind(found: Booster) -> Kind | None:
    """Tell by what the scikit-learn API noted, else by the objective (parameter `objective` of XGBoost's docs)."""
    try:
        noted = json.loads(found.word("attributes", "scikit_learn") or "{}")
    except (ValueError, RecursionError):
        noted = {}
    said = noted.get("_estimator_type") if isinstance(noted, dict) else None
    if said in ("classifier", "regressor", "ranker"):
        return Kind(said)
    objective = (found.word("objective", "name") or "").partition(":")[0]
    return {
        **dict.fromkeys(("binary", "multi"), Kind.CLASSIFIER),
        **dict.fromkeys(("reg", "count", "survival"), Kind.REGRESSOR),
        "rank": Kind.RANKER,
    }.get(objective)
