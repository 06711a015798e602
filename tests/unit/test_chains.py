"""What a decision follows from is stated: a value that changes with the manifest names the field, or what changed before it."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any, get_type_hints

import pytest
from tests.unit.examples import MINIMAL
from tests.unit.test_cost import PRICES

from byocgen import catalog as catalogs
from byocgen.catalog import Prices
from byocgen.diagnostics import has_errors
from byocgen.manifest.compose import assign, compose
from byocgen.manifest.load import load
from byocgen.plan.decide import decide
from byocgen.plan.decision import Decision, Fact
from byocgen.plan.plan import Plan
from derive import decisions

CATALOG = catalogs.load()
ROOTS = ("manifest", "default", "catalogue: ", "measured", "https://", "Terraform ")
"""What stands at the end of a chain: nobody decided it, or somebody else did."""
SCALED = "endpoint.autoscaling={min: 1, max: 4}"
GPU = ("model.framework=pytorch", "endpoint.instance_type=ml.g5.xlarge")
TEXTS = ("model.framework=transformers", "model.size_gib=2")
SERVERLESS = "endpoint.mode=serverless"
WARM = "endpoint.serverless={provisioned_concurrency: 1, provisioned_concurrency_max: 3}"
MAIL = "observability.alarm_email=a@example.com"
CHANGES: dict[tuple[str, ...], tuple[str, ...]] = {
    (): (
        *(f"model.framework={name}" for name in CATALOG.frameworks if name != "sklearn"),
        *('model.framework_version="1.5.2"', 'model.python="3.11"', "model.artifact=m", "model.size_gib=2"),
        *("model.requirements=[a]", "model.inputs=[{name: a, type: float}]"),
        *("serving.workers=1", "serving.threads=2", "serving.timeout_seconds=30", "serving.max_payload_mib=1"),
        *("serving.environment={A: b}", "serving.batching=off", "serving.batching={max_size: 8, max_delay_ms: 2}"),
        *("serving.optimize=off", SERVERLESS, "endpoint.mode=async", "endpoint.mode=batch"),
        *("endpoint.mode=multi-model", "endpoint.instance_type=auto", "endpoint.instance_type=ml.c7g.large"),
        *("endpoint.instance_type=ml.m5d.large", "endpoint.instance_type=ml.m8g.large", "endpoint.instance_count=3"),
        *("endpoint.volume_size_gib=50", SCALED, "endpoint.data_capture={percent: 10}"),
        *("endpoint.shadow={instance_type: ml.m5.large}", "endpoint.variants=[{name: b, percent: 10}]"),
        "endpoint.variants=[{name: b, percent: 10, instance_type: ml.m5.large}]",
        *("regions=[eu-central-1]", "regions=[us-east-1, eu-west-1]", "network={isolation: true}"),
        *("network={vpc_id: vpc-1, subnet_ids: [subnet-a, subnet-b]}", "security.kms=aws", "security.run_as_root=true"),
        *("security.access_logs=true", 'security.permissions_boundary="arn:aws:iam::123456789012:policy/b"'),
        *("observability.alarms=false", "observability.log_retention_days=7", "tags={a: b}", "name=other"),
        "ci={provider: github, repository: acme/churn}",
    ),
    ("endpoint.instance_count=2",): (
        "endpoint.deployment={strategy: linear, step_percent: 50}",
        "endpoint.deployment={strategy: rolling, step_percent: 50, wait_seconds: 60}",
        "endpoint.deployment={rollback: false}",
    ),
    ("observability.alarms=true",): (MAIL,),
    ("observability.alarms=true", MAIL): ("cost.monthly_budget_usd=300",),
    ("model.framework=python",): ("serving.stream=true", "model.size_gib=2", "model.size_gib=6"),
    ("model.size_gib=2",): ("model.framework=python", "model.framework=pytorch", "endpoint.mode=multi-model"),
    ("model.framework=transformers", "model.artifact=m"): ("model.task=fill-mask",),
    ("model.framework=pytorch",): ("endpoint.instance_type=ml.g5.xlarge", "endpoint.instance_type=ml.g4dn.xlarge"),
    GPU: ("model.size_gib=4", "endpoint.instance_type=ml.g5.12xlarge", "endpoint.mode=async", "serving.threads=2"),
    TEXTS: (
        "model.generation={kv_kib_per_token: 36, context_tokens: 1024}",
        "model.generation={kv_kib_per_token: 9, context_tokens: 512, sequences: 4}",
    ),
    (SERVERLESS,): (
        *("endpoint.serverless={memory_mib: 4096}", "model.size_gib=1", "endpoint.serverless={max_concurrency: 7}"),
        *(WARM, "endpoint.serverless={provisioned_concurrency: 2}", "model.framework=pytorch"),
    ),
    ("endpoint.mode=async",): (
        "endpoint.async={max_concurrent_per_instance: 9, notify_email: a@example.com}",
        "endpoint.autoscaling={min: 0, max: 3}",
        "serving.timeout_seconds=3600",
    ),
    ("endpoint.mode=batch",): (
        "serving.timeout_seconds=900",
        "endpoint.instance_type=ml.g4dn.xlarge",
        "endpoint.batch={content_type: application/jsonlines, join_input: true, strategy: single-record, max_concurrent: 3}",
    ),
    ("ci={provider: github, repository: acme/churn}",): (
        "ci.branch=x",
        "ci.environment=production",
        "ci.provider=codebuild",
        "endpoint.instance_type=ml.c7g.large",
    ),
}
"""Settings of a manifest, and what is changed beside them, one at a time."""


@cache
def made(*settings: str) -> dict[str, Decision[Any]]:
    """The decisions for the shortest manifest with some fields more."""
    values: dict[str, Any] = {"version": 1, "name": "churn", "model": {"framework": "sklearn"}}
    for setting in settings:
        assign(values, setting)
    loaded = load(compose(values).encode(), "byocgen.yaml")
    assert loaded.manifest is not None
    plan, found = decide(loaded.manifest, CATALOG)
    assert plan is not None, found
    assert not has_errors([*loaded.diagnostics, *found])
    return dict(plan.decisions())


def unexplained(before: dict[str, Decision[Any]], after: dict[str, Decision[Any]], field: str) -> list[str]:
    """The decisions whose change with `field` does not follow from what they name."""

    def differs(cause: str | Fact, one: Decision[Any], other: Decision[Any]) -> bool:
        if isinstance(cause, Fact):
            return (cause in one.because) != (cause in other.because)
        return cause not in before or cause not in after or before[cause].value != after[cause].value

    def follows(one: Decision[Any], other: Decision[Any]) -> bool:
        sources = (source.removeprefix("manifest: ") for source in (one.source, other.source))
        named = any(f"{field}.".startswith(f"{source}.") or f"{source}.".startswith(f"{field}.") for source in sources)
        whole = one.source == "manifest"
        return named or whole or any(differs(cause, one, other) for cause in (*one.because, *other.because))

    both = [key for key in before if key in after and before[key].value != after[key].value]
    return [key for key in both if not follows(before[key], after[key])]


@pytest.mark.parametrize("base", CHANGES, ids=" ".join)
def test_what_changes_a_decision_is_in_its_chain(base: tuple[str, ...]) -> None:
    lost = {
        change: keys
        for change in CHANGES[base]
        if (keys := unexplained(made(*base), made(*base, change), change.partition("=")[0]))
    }
    assert lost == {}


def test_a_chain_ends_at_what_somebody_stated() -> None:
    plans = {**decisions.example_plans(), **{" ".join(base): made(*base) for base in CHANGES}}
    lost = {
        (key, one.source)
        for known in plans.values()
        for key, one in known.items()
        if not one.because and not one.source.startswith(ROOTS)
    }
    assert lost == set()


def test_every_decision_says_what_it_is() -> None:
    subjects = {name: decisions.kind(hint) for name, hint in get_type_hints(Plan).items()}
    lost = [
        f"{name}.{field.name}"
        for name, subject in subjects.items()
        for field in fields(subject)
        if field.name not in decisions.descriptions(subject)
    ]
    assert lost == []


def test_whether_a_region_has_the_type_or_nobody_knows() -> None:
    text = MINIMAL + "endpoint: {instance_type: %s}\nregions: [us-east-1, ca-west-1]\n"
    catalog = catalogs.load(Prices.read({**PRICES, "complete": []}))

    def facts(instance_type: str) -> list[str]:
        loaded = load((text % instance_type).encode(), "byocgen.yaml")
        assert loaded.manifest is not None
        plan, _ = decide(loaded.manifest, catalog)
        assert plan is not None
        return [str(one.text) for one in plan.stack.instance_type.because if isinstance(one, Fact)]

    assert facts("ml.m5.xlarge") == [
        "us-east-1 has ml.m5.xlarge: it has a price there",
        "whether ca-west-1 has ml.m5.xlarge is unknown",
    ]
    (lacking,) = {fact for fact in facts("ml.g7e.2xlarge") if "EC2" in fact and "ca-west-1" in fact} or {""}
    assert lacking == "whether ca-west-1 has ml.g7e.2xlarge is unknown: EC2 had no such machine there"
