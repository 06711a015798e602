"""What an endpoint costs: exact to the cent where prices are known, and unknown where no source states one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.asking import findings
from tests.unit.examples import MINIMAL

from byocgen import catalog as catalogs
from byocgen import present
from byocgen.catalog import Prices
from byocgen.manifest.load import load
from byocgen.plan.decide import decide

PRICES: dict[str, Any] = {
    "complete": ["us-east-1", "eu-west-1"],
    "hourly": [
        {"region": region, "type": name, "use": use, "usd_per_hour": usd, "as_of": "2026-09-28", "source": "the list"}
        for region, name, use, usd in (
            ("us-east-1", "ml.m5.xlarge", "hosting", "0.23"),
            ("us-east-1", "ml.m5.xlarge", "async", "0.2301"),
            ("us-east-1", "ml.m5.xlarge", "batch", "0.23"),
            ("us-east-1", "ml.m5.large", "hosting", "0.115"),
            ("eu-west-1", "ml.m5.xlarge", "hosting", "0.257"),
        )
    ],
    "serverless": [
        {
            "region": "us-east-1",
            "memory_mib": 3072,
            "usd_per_second": "0.00006",
            "as_of": "2026-09-28",
            "source": "the list",
        }
    ],
}
KEYS = ("hour", "month_least", "month_most", "quiet", "million")


def rows(text: str) -> dict[str, dict[str, Any]]:
    """Return the decisions of a manifest as `explain --json` has them, also where a mode is not generated yet."""
    loaded = load(text.encode(), "byocgen.yaml")
    assert loaded.manifest is not None
    plan, _ = decide(loaded.manifest, catalogs.load(Prices.read(PRICES)))
    assert plan is not None
    return present.explain_data(plan)


AMOUNTS: dict[str, tuple[str | None, ...]] = {
    "": ("0.23", "167.90", "167.90", None, None),
    "endpoint: {instance_count: 3}": ("0.23", "503.70", "503.70", None, None),
    "endpoint: {instance_type: ml.m5.large}": ("0.115", "83.95", "83.95", None, None),
    "endpoint: {instance_count: 2, autoscaling: {min: 2, max: 5}}": ("0.23", "335.80", "839.50", "0.69", None),
    "endpoint: {mode: async, autoscaling: {min: 0, max: 3}}": ("0.2301", "0.00", "503.92", "0.69", None),
    "endpoint: {mode: batch}": ("0.23", "0.00", None, None, None),
    "endpoint: {mode: serverless, serverless: {memory_mib: 3072}}\nserving: {max_payload_mib: 4}": (
        None,
        "0.00",
        None,
        None,
        "60.00",
    ),
    "endpoint: {shadow: {instance_type: ml.m5.large}}": ("0.23", "251.85", "251.85", None, None),
    "endpoint: {instance_count: 2, shadow: {instance_type: ml.m5.large}}": ("0.23", "503.70", "503.70", None, None),
    "endpoint: {variants: [{name: b, percent: 10, instance_type: ml.m5.large}, {name: c, percent: 10}]}": (
        *("0.23", "419.75", "419.75", None, None),
    ),
    "endpoint: {autoscaling: {min: 1, max: 2, schedule: [{name: day, schedule: rate(1 day), max: 6}]}}": (
        *("0.23", "167.90", "1007.40", "1.15", None),
    ),
    "regions: [eu-west-1]": ("0.257", "187.61", "187.61", None, None),
    "regions: [us-east-1, eu-west-1]": ("0.23", "355.51", "355.51", None, None),
    "regions: [ap-south-1]": ("unknown", "unknown", "unknown", None, None),
    "regions: [us-east-1, ap-south-1]": ("0.23", "unknown", "unknown", None, None),
    "regions: [eu-west-1]\nendpoint: {mode: async, autoscaling: {min: 0}}": (
        *("unknown", "0.00", "unknown", "unknown", None),
    ),
    "endpoint: {mode: serverless, serverless: {memory_mib: 1024}}\nserving: {max_payload_mib: 4}": (
        *(None, "0.00", None, None, "unknown"),
    ),
    "endpoint: {mode: serverless, serverless: {memory_mib: 3072, provisioned_concurrency: 1}}\nserving: {max_payload_mib: 4}": (
        *(None, "unknown", None, None, "60.00"),
    ),
}


@pytest.mark.parametrize("asked", AMOUNTS)
def test_amounts(asked: str) -> None:
    given = rows(MINIMAL + asked + "\n")
    assert tuple(one["value"] for key, one in given.items() if key.startswith("cost.")) == AMOUNTS[asked]


REASONS = {
    "": "1 x ml.m5.xlarge x 730 h x $0.23, as of 2026-09-28; compute alone: storage, data and logs come on top",
    "regions: [us-east-1, eu-west-1]": (
        "1 x ml.m5.xlarge in us-east-1 x 730 h x $0.23 + 1 x ml.m5.xlarge in eu-west-1 x 730 h x $0.257, as of 2026-09-28; "
        "compute alone: storage, data and logs come on top"
    ),
    "endpoint: {mode: async, autoscaling: {min: 0}}": (
        "no instance runs while nobody calls; compute alone: storage, data and logs come on top"
    ),
    "regions: [ap-south-1]": "the price of ml.m5.xlarge in ap-south-1 is unknown; `byocgen catalog refresh` asks AWS",
    "endpoint: {mode: batch}": "no instance runs between transform jobs",
}


@pytest.mark.parametrize("asked", REASONS)
def test_the_arithmetic_is_shown(asked: str) -> None:
    assert rows(MINIMAL + asked + "\n")["cost.usd_per_month_least"]["reason"] == REASONS[asked]


def test_a_price_says_from_where_and_when() -> None:
    given = rows(MINIMAL)
    assert given["cost.usd_per_hour"]["source"] == "the list"
    assert given["cost.usd_per_hour"]["reason"] == "one ml.m5.xlarge on demand in us-east-1, as of 2026-09-28"
    assert given["cost.usd_per_month_most"]["facts"] == [
        {"text": "ml.m5.xlarge costs $0.23 an hour in us-east-1, as of 2026-09-28", "source": "the list"}
    ]


def test_an_unknown_price_names_the_nearest_that_is_known() -> None:
    reason = rows(MINIMAL + "regions: [eu-west-1]\nendpoint: {mode: async}\n")["cost.usd_per_hour"]["reason"]
    assert reason == (
        "no source here states what ml.m5.xlarge costs in eu-west-1; `byocgen catalog refresh` asks AWS "
        "(for an endpoint in real time: $0.257, as of 2026-09-28)"
    )


TOLD = "observability: {alarm_email: ml@example.com}\n"
BUDGETS = {"167.9": [], "167.89": ["BYO356"], "100": ["BYO356"], "1000": []}


@pytest.mark.parametrize("budget", BUDGETS)
def test_a_budget_below_the_least_is_a_warning(budget: str) -> None:
    found = findings(MINIMAL + TOLD + f"cost: {{monthly_budget_usd: {budget}}}\n", json.dumps(PRICES).encode())
    assert [one.code for one in found] == BUDGETS[budget]


def test_a_budget_is_not_judged_by_a_price_that_is_unknown() -> None:
    text = MINIMAL + TOLD + "cost: {monthly_budget_usd: 1}\nregions: [ap-south-1]\n"
    assert findings(text, json.dumps(PRICES).encode()) == ()


QUOTAS = {
    "": ["ml.m5.xlarge for endpoint usage", "Number of instances across active endpoints"],
    "endpoint: {mode: async}": ["ml.m5.xlarge for endpoint usage", "Number of instances across active endpoints"],
    "endpoint: {mode: batch}": [
        "ml.m5.xlarge for transform job usage",
        "Number of instances across all transform jobs",
    ],
    "endpoint: {mode: serverless, serverless: {memory_mib: 3072}}\nserving: {max_payload_mib: 4}": [
        "Maximum total concurrency that can be allocated across all serverless endpoints"
    ],
    "endpoint: {shadow: {instance_type: ml.m5.large}}": [
        "ml.m5.xlarge for endpoint usage",
        "ml.m5.large for endpoint usage",
        "Number of instances across active endpoints",
    ],
}


@pytest.mark.parametrize("asked", QUOTAS)
def test_the_quotas_to_look_at(asked: str) -> None:
    assert rows(MINIMAL + asked + "\n")["stack.quotas"]["value"] == QUOTAS[asked]


OFFERED = {
    "a type that the whole list names": ("ml.m5.xlarge", "us-east-1", []),
    "a type that the whole list lacks": ("ml.c5.xlarge", "us-east-1", ["BYO312"]),
    "a type that EC2 lacks, and the whole list too": ("ml.c7i.xlarge", "eu-west-1", ["BYO312"]),
    "a type that EC2 lacks where there is no list": ("ml.c7i.xlarge", "me-south-1", ["BYO355"]),
    "a type that EC2 has where there is no list": ("ml.c5.xlarge", "ap-south-1", []),
    "a region that nobody was asked about": ("ml.c7i.xlarge", "us-gov-west-1", []),
}


@pytest.mark.parametrize("case", OFFERED)
def test_what_a_region_offers(case: str) -> None:
    name, region, expected = OFFERED[case]
    text = MINIMAL + f"endpoint: {{instance_type: {name}}}\nregions: [{region}]\n"
    assert [one.code for one in findings(text, json.dumps(PRICES).encode())] == expected


@pytest.mark.parametrize(("region", "expected"), [("us-east-1", []), ("eu-west-1", ["BYO312"]), ("ap-south-1", [])])
def test_where_serverless_endpoints_are(region: str, expected: list[str]) -> None:
    text = MINIMAL + f"endpoint: {{mode: serverless}}\nserving: {{max_payload_mib: 4}}\nregions: [{region}]\n"
    found = findings(text, json.dumps(PRICES).encode())
    assert [one.code for one in found if one.code != "BYO401"] == expected


def test_the_type_of_a_variant_is_looked_up_too() -> None:
    text = MINIMAL + "endpoint: {variants: [{name: b, percent: 10, instance_type: ml.c5.xlarge}]}\n"
    found = findings(text, json.dumps(PRICES).encode())
    assert [(one.code, one.key) for one in found] == [("BYO312", ("endpoint", "variants", 0, "instance_type"))]


def test_a_region_that_lacks_a_type_names_those_that_have_it() -> None:
    text = MINIMAL + "endpoint: {instance_type: ml.m5.large}\nregions: [us-east-1, eu-west-1]\n"
    (one,) = [one for one in findings(text, json.dumps(PRICES).encode()) if one.code == "BYO312"]
    assert (one.key, one.line) == (("regions", 1), 5)
    assert one.help == (
        "these regions have it: us-east-1; a list that is old is read again by `byocgen catalog refresh`"
    )
