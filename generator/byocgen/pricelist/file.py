"""The price file of a project: `byocgen.prices.json`, committed beside the manifest, in the form of the catalogue's own.

Rules: it is an input of the plan like the manifest, so that the same commit gives the same project anywhere. Only
`byocgen catalog refresh` writes it. One row a line, sorted, so that a change of a price is a line of a diff.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from byocgen.catalog import Prices
from byocgen.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from byocgen.pricelist.products import Row

NAME = "byocgen.prices.json"
SOURCE = "AWS price list, AmazonSageMaker, on demand; written by byocgen catalog refresh"
KINDS = {"hourly": ("region", "type", "use"), "serverless": ("region", "memory_mib")}
Document = dict[str, Any]


def parse(content: bytes) -> Document:
    """Read a price file.

    Raises:
        ToolError: it is none.
    """
    try:
        document: Document = json.loads(content)
        prices = Prices.read(document)
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise _wrong(f"no {error}" if isinstance(error, KeyError) else "not in its form") from error
    amounts = [price.usd for price in (*prices.by_hour.values(), *prices.by_second.values())]
    if not all(usd.is_finite() and usd > Decimal() for usd in amounts):
        raise _wrong("a price that is no amount of money")
    return document


def _wrong(what: str) -> ToolError:
    hint = "byocgen catalog refresh writes it: restore it from git, or delete it and refresh"
    return ToolError(f"{NAME} is no price file: {what}", hint)


def updated(before: Document | None, region: str, rows: dict[str, list[Row]]) -> Document:
    """Put one region's rows in the place of those that were there."""
    kept = before or {"complete": [], "hourly": [], "serverless": []}
    merged = {kind: [row for row in kept[kind] if row["region"] != region] + rows[kind] for kind in KINDS}
    return {"complete": sorted({*kept["complete"], region}), **merged}


def text(document: Document) -> bytes:
    """Write a price file, the newest day of its rows in front."""
    days = [row["as_of"] for kind in KINDS for row in document[kind]]
    head = [("source", SOURCE), ("derived", max(days, default="")), ("complete", document["complete"])]
    fields = [f"{_encoded(name)}: {_encoded(value)}" for name, value in head]
    fields += [f"{_encoded(kind)}: {_listed(_sorted(document[kind], keys))}" for kind, keys in KINDS.items()]
    return ("{\n  " + ",\n  ".join(fields) + "\n}\n").encode()


def _sorted(rows: Iterable[Row], keys: tuple[str, ...]) -> list[Row]:
    return sorted(rows, key=lambda row: tuple(row[key] for key in keys))


def _listed(rows: list[Row]) -> str:
    lines = ",\n".join(f"    {_encoded(row)}" for row in rows)
    return f"[\n{lines}\n  ]" if rows else "[]"


def _encoded(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
