"""``prices.json``: on-demand prices of SageMaker hosting, as far as a source states them with a day.

``price_sources.json`` holds what was found, by source; the newest statement of a price counts. Where AWS can be asked,
``byocgen catalog refresh --output generator/derive/price_list.json`` reads its price list, and that file goes before
every other source: a region in it is complete.
"""

import json
import sys
from pathlib import Path
from typing import Any

from derive.outputs import CATALOG, Output, rows_document, run

DATA = CATALOG / "data" / "prices.json"
HERE = Path(__file__).parent
SOURCES = HERE / "price_sources.json"
PRICE_LIST = HERE / "price_list.json"
KEYS = {"hourly": ("region", "type", "use"), "serverless": ("region", "memory_mib")}


def derive(derived: str) -> list[Output]:
    """One output: the newest price of each kind, sorted."""
    sources = json.loads(SOURCES.read_text("utf-8"))["sources"]
    listed = json.loads(PRICE_LIST.read_text("utf-8")) if PRICE_LIST.exists() else {"complete": []}
    rows = {kind: newest(kind, sources, listed) for kind in KEYS}
    source = "derive/price_sources.json: quotations of AWS's price list and bills, each with its day"
    return [Output(DATA, rows_document(source, derived, complete=listed["complete"], **rows))]


def newest(kind: str, sources: list[dict[str, Any]], listed: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of one kind, a row a key: AWS's own list first, then the latest day."""
    by_age = sorted(sources, key=lambda source: source["as_of"])
    quoted = [
        {**row, "as_of": source["as_of"], "source": source["name"]}
        for source in by_age
        for row in source[kind]
        if row["region"] not in listed["complete"]
    ]
    rows = {tuple(row[key] for key in KEYS[kind]): row for row in [*quoted, *listed.get(kind, [])]}
    return [rows[key] for key in sorted(rows)]


if __name__ == "__main__":
    run(derive, DATA, sys.argv[1:])
