"""`instance_type: auto`: which types fit, which is taken, and why each of the others is not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from tests.unit.asking import findings, generated
from tests.unit.examples import HEAD, MINIMAL

from byocgen import catalog as catalogs
from byocgen.catalog import Price, Prices
from byocgen.manifest.load import load
from byocgen.plan import choice

if TYPE_CHECKING:
    from byocgen.manifest.model import Manifest
    from byocgen.plan.choice import Offer

CATALOG = catalogs.load()
AUTO = "endpoint: {instance_type: auto}\n"


def manifest_of(text: str) -> Manifest:
    """Read a manifest that is right."""
    manifest = load(text.encode(), "byocgen.yaml").manifest
    assert manifest is not None
    return manifest


TAKEN = {
    MINIMAL + AUTO: "ml.c7i.large",
    HEAD + "model: {framework: python, size_gib: 2}\n" + AUTO: "ml.m7i.large",
    HEAD + "model: {framework: python, size_gib: 5}\n" + AUTO: "ml.r7i.large",
    HEAD + "model: {framework: python, size_gib: 40}\n" + AUTO: "ml.r7i.4xlarge",
    HEAD + "model: {framework: python, size_gib: 2}\nserving: {workers: 4}\n" + AUTO: "ml.r7i.xlarge",
}


@pytest.mark.parametrize("text", TAKEN)
def test_without_prices_the_smallest_that_fits_is_taken(text: str) -> None:
    made = generated(text)
    assert made.plan.stack.instance_type.value == TAKEN[text]
    assert f'instance_type = "{TAKEN[text]}"' in made.tree["terraform/terraform.tfvars"].content.decode()


def test_the_reason_says_the_rule_and_what_came_second() -> None:
    reason = generated(MINIMAL + AUTO).plan.stack.instance_type.reason
    assert reason.startswith("2 vCPUs, 4 GiB, amd64: the smallest of ")
    assert ", then ml.c6i.large; " in reason
    assert reason.endswith(" in us-east-1 known, too few to name the cheapest")


def offers(*pairs: tuple[str, str | None]) -> list[Offer]:
    """Types with prices in dollars."""
    return [
        choice.Offer(CATALOG.instances[name], None if usd is None else Price(Decimal(usd), "a list", "2026-01-01"))
        for name, usd in pairs
    ]


def test_with_all_prices_the_cheapest_is_taken() -> None:
    best = choice.arranged(offers(("ml.c7i.large", "0.107"), ("ml.c7g.large", "0.087"), ("ml.m5.large", "0.115")))
    assert [one.instance.name for one in best] == ["ml.c7g.large", "ml.c7i.large", "ml.m5.large"]
    decided = choice.decided(best, manifest_of(MINIMAL + AUTO), CATALOG)
    assert decided.reason == "2 vCPUs, 4 GiB, arm64: the cheapest of 3 types that fit, then ml.c7i.large"
    assert decided.source == "catalogue: prices.json"


def test_with_one_price_missing_nobody_says_cheapest() -> None:
    best = choice.arranged(offers(("ml.m5.24xlarge", "0.01"), ("ml.c7i.large", None)))
    assert [one.instance.name for one in best] == ["ml.c7i.large", "ml.m5.24xlarge"]
    assert "1 price of them in us-east-1 known" in choice.decided(best, manifest_of(MINIMAL + AUTO), CATALOG).reason


def test_prices_are_those_of_the_region_and_the_mode() -> None:
    price = Price(Decimal("0.2"), "a list", "2026-01-01")
    catalog = replace(CATALOG)
    catalog.__dict__["prices"] = Prices({("eu-west-1", "ml.m5.large", "batch"): price}, {}, frozenset())
    large = CATALOG.instances["ml.m5.large"]
    assert choice.priced(large, "eu-west-1", "batch", catalog).price == price
    assert choice.priced(large, "us-east-1", "batch", catalog).price is None
    assert choice.priced(large, "eu-west-1", "realtime", catalog).price is None


WHY_NOT = {
    (MINIMAL, "ml.t2.large"): "ml.t2.large computes at full speed only while it has CPU credits",
    (MINIMAL, "ml.c8g.medium"): (
        "ml.c8g.medium has one vCPU, and none to accept connections within 250 ms while that one predicts"
    ),
    (HEAD + "model: {framework: sklearn, requirements: [pandas]}\n", "ml.c7g.large"): (
        "ml.c7g.large has arm64 CPUs, and nobody knows here whether model.requirements has wheels for them"
    ),
    (MINIMAL, "ml.g5.xlarge"): "scikit-learn does not use the A10G of ml.g5.xlarge, and you pay for it",
    (MINIMAL, "ml.inf2.xlarge"): "ml.inf2.xlarge runs models compiled for Neuron, which byocgen does not make",
    (MINIMAL + "endpoint: {mode: batch}\n", "ml.c7g.large"): "batch transform does not run on ml.c7g.large",
    (
        HEAD + "model: {framework: transformers, artifact: m, size_gib: 14,"
        " generation: {kv_kib_per_token: 128, context_tokens: 8192}}\n",
        "ml.m5.12xlarge",
    ): (
        "256 tokens, of which each reads 14 GiB of weights, take at least 358 s on the CPUs of ml.m5.12xlarge, and "
        "serving.timeout_seconds is 60"
    ),
}


@pytest.mark.parametrize(("text", "name"), WHY_NOT)
def test_why_a_type_is_not_taken(text: str, name: str) -> None:
    reasons = list(choice.why_not(manifest_of(text), CATALOG.instances[name], CATALOG))
    assert reasons == [WHY_NOT[text, name]]


def test_what_is_taken_is_never_ruled_out() -> None:
    wanted = manifest_of(MINIMAL + AUTO)
    fitting = {one.instance.name for one in choice.ranked(wanted, CATALOG)}
    for name, instance in CATALOG.instances.items():
        assert (name in fitting) is (not list(choice.why_not(wanted, instance, CATALOG)))


def test_where_nothing_fits_the_nearest_says_why() -> None:
    (found,) = findings(HEAD + "model: {framework: python, size_gib: 20000}\n" + AUTO)
    assert (found.code, found.key) == ("BYO308", ("endpoint", "instance_type"))
    assert found.message.startswith(
        "no instance type fits; the one with most room is ml.r7i.48xlarge, but 1 worker takes 40,000"
    )


def test_the_choice_is_the_same_every_time() -> None:
    first, second = (generated(MINIMAL + AUTO).plan.stack.instance_type for _ in range(2))
    assert first == second
