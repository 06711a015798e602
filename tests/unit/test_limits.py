"""Limits of one field: numbers, lengths, counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.unit.asking import findings, forms, marked, with_value

from byocgen.manifest.load import load
from byocgen.manifest.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def numbers(block: dict[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk the schema to every number with limits."""
    for name, field in block["properties"].items():
        for form in forms(field):
            if "const" not in form and form.get("type") in ("integer", "number"):
                yield f"{above}{name}", form
            if "$ref" in form:
                yield from numbers(schema()["definitions"][form["$ref"].rsplit("/", 1)[1]], f"{above}{name}.")


NUMBERS = dict(numbers(schema()))
ENOUGH: dict[str, dict[str, Any]] = {
    "serving.batching": {"max_size": 2},
    "endpoint.shadow": {"instance_type": "ml.m5.large"},
    "model.generation": {"kv_kib_per_token": 36, "context_tokens": 1024},
}
"""What a block needs beside the number."""


def test_every_number_has_both_limits() -> None:
    assert {
        path: sorted(set(form) & {"minimum", "exclusiveMinimum", "maximum", "enum"}) for path, form in NUMBERS.items()
    } == {
        path: ["enum"]
        if path in ("endpoint.serverless.memory_mib", "observability.log_retention_days")
        else ["exclusiveMinimum", "maximum"]
        if path in ("model.size_gib", "model.generation.kv_kib_per_token", "cost.monthly_budget_usd")
        else ["maximum", "minimum"]
        for path in NUMBERS
    }


LIMITED = [path for path, form in NUMBERS.items() if "maximum" in form]


def test_there_are_numbers() -> None:
    assert len(LIMITED) == 29


@pytest.mark.parametrize("path", LIMITED)
def test_limits_of(path: str) -> None:
    form = NUMBERS[path]
    low: float = form["minimum"] if "minimum" in form else form["exclusiveMinimum"]
    below = low - ("minimum" in form)
    assert answers(path, below) == [("BYO205", path)]
    assert answers(path, form["maximum"] + 1) == [("BYO205", path)]
    assert answers(path, low + ("exclusiveMinimum" in form)) == []
    assert answers(path, form["maximum"]) == []


def answers(path: str, value: float) -> list[tuple[str, str]]:
    """Return what one field's own rules say about a number."""
    block, name = path.rpartition(".")[0], path.rsplit(".", 1)[-1]
    text = with_value(block, {**ENOUGH.get(block, {}), name: value})
    if block == "model":
        text = with_value(path, value)
    found = load(text.encode(), "byocgen.yaml").diagnostics
    return [(one.code, ".".join(map(str, one.key))) for one in found if one.code < "BYO300"]


@pytest.mark.parametrize("path", LIMITED)
@pytest.mark.parametrize("value", ['"4"', "4.5e0", "true", "null", "[4]", "{a: 4}"])
def test_only_a_number_is_a_number(path: str, value: str) -> None:
    whole = NUMBERS[path]["type"] == "integer"
    optional = {
        *("model.size_gib", "serving.max_payload_mib", "endpoint.volume_size_gib", "cost.monthly_budget_usd"),
        *("endpoint.autoscaling.backlog_per_instance", "endpoint.batch.max_concurrent"),
        "endpoint.serverless.provisioned_concurrency_max",
    }
    answered = answers(path, yaml.safe_load(value.replace("4.5e0", "4.5")))
    fine = (value == "null" and path in optional) or (value == "4.5e0" and not whole)
    wrong = [one for one in answered if one[1].startswith(path)]
    assert bool(wrong) is not fine
    assert {code for code, _ in wrong} <= {"BYO202", "BYO203", "BYO204", "BYO207"}


LENGTHS = {
    "name": (40, "n", 41),
    "description": (512, "d", 513),
    "model.artifact": (512, "a", 513),
    "tags": (128, "t", 129),
    "serving.environment": (1024, "E", 1025),
}


@pytest.mark.parametrize("path", LENGTHS)
def test_lengths_of_texts(path: str) -> None:
    fits, letter, too_long = LENGTHS[path]
    mapping = path in ("tags", "serving.environment")
    assert answers_of(path, {letter * fits: "x"} if mapping else letter * fits) == []
    assert answers_of(path, {letter * too_long: "x"} if mapping else letter * too_long) == ["BYO206"]


def answers_of(path: str, value: Any) -> list[str]:
    """Return the codes of one field's own rules."""
    found = load(with_value(path, value).encode(), "byocgen.yaml").diagnostics
    return [one.code for one in found if one.code < "BYO300"]


COUNTS: dict[str, tuple[int, Callable[[int], Any]]] = {
    "tags": (40, lambda count: {f"t{number}": "x" for number in range(count)}),
    "serving.environment": (100, lambda count: {f"E{number}": "x" for number in range(count)}),
    "regions": (32, lambda count: ["us-east-1"] * count),
}


@pytest.mark.parametrize("path", COUNTS)
def test_counts_of_entries(path: str) -> None:
    most, make = COUNTS[path]
    assert answers_of(path, make(most)) == []
    assert answers_of(path, make(most + 1)) == ["BYO205"]


def test_a_list_of_no_regions() -> None:
    assert answers_of("regions", []) == ["BYO205"]


def test_environment_together() -> None:
    values = {f"E{number:02}": "x" * 1021 for number in range(32)}
    assert findings(with_value("serving.environment", values)) == ()
    assert marked(with_value("serving.environment", {**values, "F": ""})) == [("BYO304", "environment")]


def test_environment_is_counted_in_bytes() -> None:
    values = {f"E{number:02}": "ü" * 1000 for number in range(17)}
    assert marked(with_value("serving.environment", values)) == [("BYO304", "environment")]
