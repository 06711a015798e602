"""Prices: what a source states, on its day, and nothing else."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from byocgen.catalog import Price, Prices
from derive import prices

if TYPE_CHECKING:
    from byocgen.catalog import Catalog

READ = Prices.read(
    {
        "complete": ["us-east-1"],
        "hourly": [
            {
                "region": "us-east-1",
                "type": "ml.m5.xlarge",
                "use": "hosting",
                "usd_per_hour": "0.23",
                "as_of": "2026-09-28",
                "source": "the list",
            }
        ],
        "serverless": [
            {
                "region": "us-east-1",
                "memory_mib": 2048,
                "usd_per_second": "0.00004",
                "as_of": "2026-09-28",
                "source": "the list",
            }
        ],
    }
)


def test_a_price_is_exact_and_says_where_it_is_from() -> None:
    assert READ.hourly("us-east-1", "ml.m5.xlarge") == Price(Decimal("0.23"), "the list", "2026-09-28")
    assert READ.serverless_second("us-east-1", 2048) == Price(Decimal("0.00004"), "the list", "2026-09-28")


def test_what_no_source_states_is_unknown() -> None:
    assert READ.hourly("us-east-1", "ml.m5.large") is None
    assert READ.hourly("eu-west-1", "ml.m5.xlarge") is None
    assert READ.hourly("us-east-1", "ml.m5.xlarge", "async") is None
    assert READ.serverless_second("us-east-1", 1024) is None


def test_only_a_complete_list_knows_what_a_region_lacks() -> None:
    assert READ.lacks("us-east-1", "ml.m5.large")
    assert not READ.lacks("us-east-1", "ml.m5.xlarge")
    assert not READ.lacks("eu-west-1", "ml.m5.large")


def test_every_price_that_ships_is_of_a_known_type_in_a_known_region(catalog: Catalog) -> None:
    keys = list(catalog.prices.by_hour)
    assert [key for key in keys if key[0] not in catalog.regions or key[1] not in catalog.instances] == []
    assert [key for key, price in catalog.prices.by_hour.items() if not price.usd > 0] == []
    assert len(keys) >= 8


def test_a_source_has_a_name_a_place_and_a_day() -> None:
    for source in json.loads(prices.SOURCES.read_text("utf-8"))["sources"]:
        assert source["name"] and source["where"] and source["as_of"] <= "2026-11-28"  # noqa: PT018 - one statement


def test_the_newest_statement_counts() -> None:
    row = {"region": "us-east-1", "type": "ml.m5.xlarge", "use": "hosting"}
    sources = [
        {"name": "new", "as_of": "2026-01-02", "hourly": [{**row, "usd_per_hour": "2"}]},
        {"name": "old", "as_of": "2025-01-02", "hourly": [{**row, "usd_per_hour": "1"}]},
    ]
    stated = {**row, "usd_per_hour": "2", "as_of": "2026-01-02", "source": "new"}
    assert prices.newest("hourly", sources, {"complete": []}) == [stated]


def test_where_aws_was_asked_its_list_is_all_there_is() -> None:
    row = {"region": "us-east-1", "type": "ml.m5.xlarge", "use": "hosting", "usd_per_hour": "2"}
    quoted = [{"name": "new", "as_of": "2026-01-02", "hourly": [row, {**row, "region": "us-east-2"}]}]
    listed = {
        "complete": ["us-east-1"],
        "hourly": [{**row, "type": "ml.m5.large", "as_of": "2026-03-01", "source": "list"}],
    }
    assert [(one["region"], one["type"]) for one in prices.newest("hourly", quoted, listed)] == [
        ("us-east-1", "ml.m5.large"),
        ("us-east-2", "ml.m5.xlarge"),
    ]
