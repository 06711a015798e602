"""What is asked of the servers: a model, how many rows, in which form. Bodies are the same for everybody but for their form."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any, Literal

Form = Literal["json", "csv"]
COLUMNS = 30
"""Features of the tabular models; performance.md measured the same."""
SEED = 7
WORDS = (
    "the",
    "soup",
    "was",
    "great",
    "cold",
    "waiter",
    "kind",
    "rude",
    "and",
    "bread",
    "never",
    "again",
    "with",
    "a",
    "fish",
)
LENGTHS = (4, 9, 17, 33, 60, 110)
"""Words of the texts, so that a batch is of mixed lengths."""
TOKENS = 64
"""Tokens that a generated text has."""


@dataclass(frozen=True, slots=True)
class Workload:
    """`rows` instances of `model` in one request, as `form`."""

    model: str
    rows: int
    form: Form = "json"

    @property
    def name(self) -> str:
        """Its name in tables: `logistic, 100 rows, csv`."""
        rows = "1 row" if self.rows == 1 else f"{self.rows} rows"
        return f"{self.model}, {rows}" + (f", {self.form}" if self.form != "json" else "")


FORMS: dict[str, tuple[Form, ...]] = {"logistic": ("json", "csv"), "forest": ("json",), "xgboost": ("json",)}
ROWS: dict[Form, tuple[int, ...]] = {"json": (1, 100), "csv": (1,)}
TABULAR = [Workload(model, rows, form) for model, forms in FORMS.items() for form in forms for rows in ROWS[form]]
TEXT = [Workload("classifier", 1)]
STREAM = [Workload("generator", 1)]


def tables(rows: int) -> list[list[list[float]]]:
    """Give a few requests of `rows` rows each, the same in every run."""
    chance = random.Random(SEED)  # noqa: S311 - rows, not secrets
    return [[[round(chance.gauss(0, 1), 6) for _ in range(COLUMNS)] for _ in range(rows)] for _ in range(4)]


def texts() -> list[list[str]]:
    """Give requests of one text each, of mixed lengths, in an order that mixes them."""
    chance = random.Random(SEED)  # noqa: S311 - words, not secrets
    made = [[" ".join(chance.choices(WORDS, k=length))] for length in LENGTHS for _ in range(8)]
    chance.shuffle(made)
    return made


def instances(workload: Workload) -> list[Any]:
    """Give the requests of a workload: each a list of rows, or of texts."""
    return texts() if workload.model in ("classifier", "generator") else tables(workload.rows)


def csv(rows: list[list[float]]) -> bytes:
    """Write rows as CSV without a header."""
    return "\n".join(",".join(map(str, row)) for row in rows).encode()


def plain(rows: list[Any]) -> bytes:
    """Write what most servers read: `{"instances": [...]}`."""
    return json.dumps({"instances": rows}).encode()
