"""What a tuning rule rests on, shown by `explain`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from byocgen.catalog import Measurement, load
from byocgen.plan import evidence
from derive import measured

if TYPE_CHECKING:
    from byocgen.catalog import Catalog

RULES = ("workers", "threads", "batch_size", "lane", "http", "optimize")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load()


@pytest.mark.parametrize("rule", RULES)
def test_every_tuning_rule_has_a_row_of_the_committed_run(catalog: Catalog, rule: str) -> None:
    assert [row for row in catalog.measurements if row.rule == rule]


def test_what_the_plan_chooses_was_never_the_slower_one(catalog: Catalog) -> None:
    # Within what two rounds of one server differ by.
    assert [row for row in catalog.measurements if row.ratio < 0.95] == []


def test_a_framework_shows_its_own_rows_and_any_other_what_it_takes_over() -> None:
    rows = (
        Measurement("workers", "sklearn", "logistic, 16 connections", "2 workers", "1 worker", 1.7),
        Measurement("workers", "xgboost", "xgboost, 16 connections", "2 workers", "1 worker", 1.5),
    )
    known = load()
    known.__dict__["measurements"] = rows  # a cached property

    (own,) = evidence.measured(known, "workers", "xgboost")
    assert own.text == "2 workers: 1.5 times the answers of 1 worker (xgboost, 16 connections)"
    taken = evidence.measured(known, "workers", "onnx")
    assert [fact.text.partition(", taken over from ")[2] for fact in taken] == ["sklearn", "xgboost"]
    assert evidence.own_rows(known, "workers", "onnx") == ()


def test_the_rows_are_those_of_the_committed_run() -> None:
    (output,) = measured.derive("2026-11-29")
    report = json.loads(Path(measured.REPORT).read_text("utf-8"))

    assert len(json.loads(output.text)["tuning"]) == len(report["tuning"]) > 0
    assert report["day"] in output.text
