"""Every field of the manifest: read, and either in the project or refused by name."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

import pytest
from tests.unit.asking import findings, forms, generated, with_value
from tests.unit.examples import HEAD, MINIMAL
from tests.unit.full import FULL

from byocgen.manifest.account import Ci, Cost, Network, Observability, Security
from byocgen.manifest.endpoint import Async, Autoscaling, DataCapture, Deployment, Endpoint, Serverless, Shadow
from byocgen.manifest.kinds import FrameworkName, Mode
from byocgen.manifest.load import load
from byocgen.manifest.model import Files, Generation, Input, Manifest, Model, Serving
from byocgen.manifest.pending import GENERATED_TASKS
from byocgen.manifest.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator


ASYNC: dict[str, Any] = {"async": Async(max_concurrent_per_instance=4, notify_email="ml@example.com")}
"""A field whose name is a word of Python's."""


def test_the_full_example() -> None:
    assert load(FULL.encode(), "byocgen.yaml").manifest == Manifest(
        version=1,
        name="churn",  # type: ignore[arg-type]
        description="Churn score per customer",
        model=Model(
            framework="sklearn",
            framework_version="1.9.1",
            python="3.12",
            artifact="artifacts/model.joblib",
            task="text-classification",
            size_gib=1.2,
            generation=Generation(kv_kib_per_token=36, context_tokens=1024, sequences=16),
            requirements=("pandas>=2.2",),
            inputs=(Input(name="tenure", type="float"), Input(name="plan", type="string", values=("basic", "pro"))),
        ),
        serving=Serving(
            workers="auto",
            threads="auto",
            batching="auto",
            timeout_seconds=60,
            max_payload_mib=6,
            stream=False,
            optimize="auto",
            environment={"FEATURE_FLAG": "on"},
        ),
        endpoint=Endpoint(
            mode="realtime",
            instance_type="ml.m5.xlarge",
            instance_count=1,
            volume_size_gib=50,
            autoscaling=Autoscaling(min=1, max=4, invocations_per_instance=1000),
            serverless=Serverless(memory_mib=3072, max_concurrency=10, provisioned_concurrency=0),
            **ASYNC,
            deployment=Deployment(strategy="canary", step_percent=10, wait_seconds=300, rollback=True),
            data_capture=DataCapture(percent=10),
            shadow=Shadow(instance_type="ml.c6i.xlarge", sample_percent=5),
        ),
        regions=("us-east-1", "eu-west-1"),
        network=Network(vpc_id="vpc-1", subnet_ids=("subnet-a", "subnet-b"), isolation=False, interface_endpoints=True),
        security=Security(kms="managed", run_as_root=False),
        observability=Observability(alarms=True, alarm_email="ml@example.com", dashboard=True, log_retention_days=30),
        cost=Cost(monthly_budget_usd=300),
        ci=Ci(provider="github", repository="acme/churn"),
        tags={"team": "growth"},
        files=Files(eject=("Dockerfile",)),
    )


def test_the_full_example_is_answered_block_by_block() -> None:
    assert [(one.code, one.line, ".".join(map(str, one.key))) for one in findings(FULL)] == [
        ("BYO352", 10, "model.artifact"),
        ("BYO303", 11, "model.task"),
        ("BYO303", 13, "model.generation"),
        ("BYO301", 34, "endpoint.serverless"),
        ("BYO301", 35, "endpoint.async"),
        ("BYO303", 36, "endpoint.deployment.strategy"),
        ("BYO303", 41, "network.vpc_id"),
    ]


def test_defaults() -> None:
    loaded = load(MINIMAL.encode(), "byocgen.yaml")
    assert loaded.diagnostics == ()
    assert loaded.manifest == Manifest(version=1, name="churn", model=Model(framework="sklearn"))  # type: ignore[arg-type]


REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
OTHER_VALUES: dict[str, tuple[Any, str]] = {
    "version": (2, "BYO108"),
    "name": ("fraud", ""),
    "description": ("Fraud score", ""),
    "model.framework": ("xgboost", ""),
    "model.framework_version": ("1.8.0", ""),
    "model.python": ("3.11", ""),
    "model.artifact": ("artifacts/model.joblib", ""),
    "model.task": ("text-classification", "BYO303"),
    "model.size_gib": (1.2, ""),
    "model.generation": ({"kv_kib_per_token": 36, "context_tokens": 1024}, "BYO303"),
    "model.requirements": (["pandas>=2.2"], ""),
    "model.inputs": ([{"name": "tenure", "type": "float"}], ""),
    "serving.workers": (2, ""),
    "serving.threads": (2, ""),
    "serving.batching": ({"max_size": 32}, ""),
    "serving.timeout_seconds": (30, ""),
    "serving.max_payload_mib": (5, ""),
    "serving.stream": (True, "BYO303"),
    "serving.optimize": ("off", ""),
    "serving.environment": ({"A": "b"}, ""),
    "endpoint.mode": ("async", ""),
    "endpoint.instance_type": ("ml.c7g.large", ""),
    "endpoint.instance_count": (2, ""),
    "endpoint.volume_size_gib": (50, ""),
    "endpoint.autoscaling": ({}, ""),
    "endpoint.serverless": ({}, "BYO301"),
    "endpoint.async": ({}, "BYO301"),
    "endpoint.deployment.strategy": ("linear", "BYO303"),
    "endpoint.deployment.step_percent": (20, "BYO303"),
    "endpoint.deployment.wait_seconds": (600, ""),
    "endpoint.deployment.rollback": (False, ""),
    "endpoint.data_capture": ({}, ""),
    "endpoint.batch": ({"split": "none"}, "BYO301"),
    "endpoint.shadow": ({"instance_type": "ml.m5.large"}, ""),
    "endpoint.variants": ([{"name": "challenger", "percent": 10}], ""),
    "endpoint.pipeline": ({"before": [{"image": f"{REGISTRY}/prepare:1"}]}, ""),
    "regions": (["eu-west-1"], ""),
    "replication.images": ("ecr", "BYO303"),
    "replication.models": ("s3", "BYO303"),
    "network": ({"vpc_id": "vpc-1", "subnet_ids": ["subnet-a", "subnet-b"]}, ""),
    "security.kms": ("arn:aws:kms:us-east-1:123456789012:key/1-a", ""),
    "security.run_as_root": (True, ""),
    "security.access_logs": (True, ""),
    "security.data_events": (True, ""),
    "security.permissions_boundary": ("arn:aws:iam::123456789012:policy/boundary", ""),
    "observability.alarms": (True, ""),
    "observability.alarm_email": ("ml@example.com", "BYO303"),
    "observability.dashboard": (True, ""),
    "observability.log_retention_days": (7, ""),
    "cost.monthly_budget_usd": (300, "BYO303"),
    "ci.provider": ("github", "BYO303"),
    "ci.repository": ("acme/churn", "BYO303"),
    "ci.branch": ("trunk", "BYO303"),
    "ci.environment": ("production", "BYO303"),
    "tags": ({"team": "growth"}, ""),
    "files.eject": (["Dockerfile"], ""),
}
"""For each field a value that is not its default, and the code that answers it; empty: the project changes."""
WHOLE_BLOCKS = {
    *("endpoint.autoscaling", "endpoint.serverless", "endpoint.async", "endpoint.data_capture", "endpoint.shadow"),
    *("endpoint.batch", "endpoint.variants", "endpoint.pipeline", "network", "serving.batching", "model.inputs"),
    "model.generation",
}
"""Answered as one: none of their fields is read without them."""


def fields_of(block: dict[str, Any], above: str = "") -> Iterator[str]:
    """Walk the schema down to the fields that have no fields of their own."""
    for name, field in block["properties"].items():
        path = f"{above}{name}"
        reference = next((form["$ref"] for form in forms(field) if "$ref" in form), None)
        if reference is None or path in WHOLE_BLOCKS:
            yield path
        else:
            yield from fields_of(schema()["definitions"][reference.rsplit("/", 1)[1]], f"{path}.")


@cache
def made(text: str) -> dict[str, tuple[str, bytes]]:
    """Return owner and content of every file but the manifest itself and the lock."""
    tree = generated(text).tree
    return {path: (file.ownership, file.content) for path, file in tree.items() if path != "byocgen.yaml"}


def test_every_field_has_another_value() -> None:
    assert list(OTHER_VALUES) == list(fields_of(schema()))


@pytest.mark.parametrize("path", [path for path, (_, code) in OTHER_VALUES.items() if not code])
def test_a_field_changes_the_project(path: str) -> None:
    assert made(with_value(path, OTHER_VALUES[path][0])) != made(with_value("name", "churn"))


@pytest.mark.parametrize("path", [path for path, (_, code) in OTHER_VALUES.items() if code])
def test_a_field_is_answered_at_its_line(path: str) -> None:
    value, code = OTHER_VALUES[path]
    text = with_value(path, value)
    line = next(number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith(last(path)))
    assert [(one.code, one.line) for one in findings(text)] == [(code, line)]


def last(path: str) -> str:
    """Return a field's own name, as it begins its line."""
    return path.rsplit(".", 1)[-1] + ":"


@pytest.mark.parametrize("framework", get_args(FrameworkName))
def test_every_framework_is_generated(framework: str) -> None:
    assert findings(HEAD + f"model: {{framework: {framework}}}\n") == ()


@pytest.mark.parametrize("mode", get_args(Mode))
def test_every_mode_is_generated(mode: str) -> None:
    assert findings(MINIMAL + f"endpoint: {{mode: {mode}}}\n") == ()


def test_a_task_that_is_not_generated_yet() -> None:
    found = findings(HEAD + "model: {framework: transformers, artifact: m, task: image-classification}\n")
    said = [(one.code, one.message, one.help) for one in found if one.code != "BYO352"]
    assert said == [
        ("BYO401", "task image-classification is not generated yet", f"today: {', '.join(GENERATED_TASKS)}")
    ]


def test_another_name_of_a_task_is_told() -> None:
    found = findings(HEAD + "model: {framework: transformers, artifact: m, task: ner}\n")
    assert [one.help for one in found if one.code == "BYO401"] == ["write: task: token-classification"]


SAME_AS_DEFAULT = (
    "endpoint: {deployment: {}}",
    "endpoint: {deployment: {strategy: all-at-once, step_percent: 10, wait_seconds: 300, rollback: true}}",
    "ci: {provider: none}",
    "cost: {}",
)


@pytest.mark.parametrize("line", SAME_AS_DEFAULT)
def test_what_is_generated_anyway_may_be_said(line: str) -> None:
    assert findings(MINIMAL + line + "\n") == ()
    assert made(MINIMAL + line + "\n") == made(MINIMAL)


def test_the_model_is_frozen() -> None:
    manifest = generated(MINIMAL).manifest
    with pytest.raises(dataclasses.FrozenInstanceError):
        manifest.name = "other"  # type: ignore[misc,assignment]
