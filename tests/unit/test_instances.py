"""`byocgen instances`: what is listed, in which order, and why the others are not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from byocgen import catalog as catalogs
from byocgen.commands import instance_table
from byocgen.plan import listing
from byocgen.plan.listing import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.shown import Shown

    Run = Callable[..., Shown]

CATALOG = catalogs.load()


def listed(run: Run, *arguments: str) -> dict[str, Any]:
    """The answer as plain data."""
    shown = run("instances", "--json", *arguments)
    assert (shown.code, shown.err) == (0, "")
    document: dict[str, Any] = json.loads(shown.out)
    return document


def names(run: Run, *arguments: str) -> list[str]:
    """The types that are listed."""
    return [one["name"] for one in listed(run, *arguments)["instances"]]


def test_a_table_as_a_person_reads_it() -> None:
    wanted = Wanted(region="me-central-1", families=("m7i", "g6"), min_vcpus=4, min_memory=16)
    found, others = listing.search(wanted, None, CATALOG)
    assert instance_table.text(found[:9], 80) == """\
type             vCPUs   memory  GPU               arch     disk  $/hour
ml.m7i.xlarge        4   16 GiB                    amd64               -
ml.m7i.2xlarge       8   32 GiB                    amd64               -
ml.m7i.4xlarge      16   64 GiB                    amd64               -
ml.m7i.8xlarge      32  128 GiB                    amd64               -
ml.m7i.12xlarge     48  192 GiB                    amd64               -
ml.m7i.16xlarge     64  256 GiB                    amd64               -
ml.m7i.24xlarge     96  384 GiB                    amd64               -
ml.m7i.48xlarge    192  768 GiB                    amd64               -
ml.g6.xlarge         4   16 GiB  1 x L4, 22.4 GiB  amd64  250 GB       -
"""  # fmt: skip
    assert instance_table.summary(found, others, wanted, why=False).startswith(
        f"{len(found)} types of {len(CATALOG.instances)}; "
    )


def test_a_narrow_table_leaves_out_what_matters_least() -> None:
    found, _ = listing.search(Wanted(region="us-east-1", families=("g7e", "p6-b300")), None, CATALOG)
    lines = instance_table.text(found, 80).splitlines()
    assert max(len(line) for line in lines) <= 80
    assert lines[0].split() == ["type", "vCPUs", "memory", "GPU", "$/hour"]
    assert "arch" in instance_table.text(found, 120)


FILTERS: dict[tuple[str, ...], Callable[[dict[str, Any]], bool]] = {
    ("--gpu",): lambda one: one["gpu"] is not None,
    ("--min-gpu-memory", "24"): lambda one: one["gpu"]["memory_gib_each"] > 22,
    ("--min-gpu-memory", "25"): lambda one: one["gpu"]["memory_gib_each"] > 31,
    ("--min-vcpus", "64"): lambda one: one["vcpus"] >= 64,
    ("--min-memory", "500"): lambda one: one["memory_gib"] >= 500,
    ("--arch", "arm64"): lambda one: one["architecture"] == "arm64",
    ("--family", "m5", "--family", "ml.c5"): lambda one: one["family"] in ("m5", "c5"),
    ("--mode", "batch"): lambda one: CATALOG.instances[one["name"]].batch,
    ("--framework", "sklearn"): lambda one: one["gpu"] is None and one["workers"] >= 1,
}


@pytest.mark.parametrize("arguments", FILTERS, ids=" ".join)
def test_a_filter_keeps_what_it_says_and_nothing_else(run: Run, arguments: tuple[str, ...]) -> None:
    found = listed(run, *arguments)["instances"]
    assert found
    assert [one["name"] for one in found if not FILTERS[arguments](one)] == []
    assert len(found) < len(CATALOG.instances)


def test_an_a10g_has_24_gb_as_it_is_sold(run: Run) -> None:
    assert "ml.g5.xlarge" in names(run, "--min-gpu-memory", "24")
    assert "ml.g5.xlarge" not in names(run, "--min-gpu-memory", "25")


def test_known_prices_come_first_and_the_lower_before_the_higher(run: Run) -> None:
    prices = [one["usd_per_hour"] for one in listed(run)["instances"]]
    known = [float(one) for one in prices if one is not None]
    assert known
    assert known == sorted(known)
    assert prices[len(known) :] == [None] * (len(prices) - len(known))


def test_a_price_has_its_source_and_its_day(run: Run) -> None:
    (one,) = [one for one in listed(run)["instances"] if one["name"] == "ml.m5.xlarge"]
    assert (one["usd_per_hour"], len(one["price_as_of"])) == ("0.23", 10)
    assert one["price_source"]


WHY = {
    "ml.t2.medium": ["no GPU", "2 vCPUs"],
    "ml.inf2.xlarge": ["no GPU", "ml.inf2.xlarge runs models compiled for Neuron, which byocgen does not make"],
    "ml.g4dn.xlarge": ["17 GB on one T4"],
}


def test_why_says_everything_that_rules_a_type_out(run: Run) -> None:
    data = listed(run, "--why", "--min-gpu-memory", "24", "--min-vcpus", "4")
    reasons = {one["name"]: one["reasons"] for one in data["ruled_out"]}
    assert {name: reasons[name] for name in WHY} == WHY
    assert {one["name"] for one in data["instances"]} | set(reasons) == set(CATALOG.instances)


def test_why_as_a_person_reads_it(run: Run) -> None:
    shown = run("instances", "--why", "--family", "g4dn", "--min-vcpus", "64", "--region", "me-central-1")
    assert shown.out.splitlines()[:3] == [
        "type              vCPUs   memory  GPU             arch     disk  $/hour",
        "ml.g4dn.16xlarge     64  256 GiB  1 x T4, 16 GiB  amd64  900 GB       -",
        "",
    ]
    assert "ml.g4dn.xlarge       4 vCPUs\n" in shown.out
    assert shown.err.startswith("1 type of ")


def test_a_model_file_must_fit(run: Run, folder: Path) -> None:
    model = LogisticRegression().fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])
    model.coef_ = np.zeros((1, 200_000_000 // 8))
    joblib.dump(model, folder / "model.joblib")
    data = listed(run, "--fits", "model.joblib")
    assert (data["framework"], data["size_gib"]) == ("sklearn", 0.19)
    assert all(one["workers"] >= 1 for one in data["instances"])


def test_the_prices_of_a_project_count(run: Run, folder: Path) -> None:
    row = {
        "region": "eu-west-3",
        "type": "ml.c7g.large",
        "use": "hosting",
        "usd_per_hour": "0.1",
        "as_of": "2026-01-01",
    }
    document = {
        "source": "AWS price list",
        "derived": "2026-01-01",
        "complete": [],
        "hourly": [{**row, "source": "a list"}],
    }
    (folder / "byocgen.prices.json").write_text(json.dumps({**document, "serverless": []}), "utf-8")
    assert names(run, "--region", "eu-west-3")[0] == "ml.c7g.large"


WRONG: dict[tuple[str, ...], str] = {
    ("--mode", "serverless"): "serverless endpoints have no instances",
    ("--mode", "batsh"): 'did you mean "batch"?',
    ("--region", "us-east-9"): 'did you mean "us-east-2"?',
    ("--family", "m55"): 'did you mean "m5"?',
    ("--arch", "x86"): "known: amd64, arm64",
    ("--framework", "sklern"): 'did you mean "sklearn"?',
    ("--fits", "no-model"): "ARTIFACT is a model file, a folder or a .tar.gz",
}


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_what_does_not_exist_is_named(run: Run, folder: Path, arguments: tuple[str, ...]) -> None:
    shown = run("instances", *arguments)
    assert folder.exists()
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.endswith(f"  = help: {WRONG[arguments]}\n")


def test_where_nothing_answers_that_is_said(run: Run) -> None:
    shown = run("instances", "--min-vcpus", "1000")
    assert (shown.code, shown.out) == (0, "")
    assert shown.err == f"no type of {len(CATALOG.instances)}; --why says what rules out each of the others\n"
