"""Every field of the manifest: read, limited, contradicted, and either in the project or refused by name."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from byocgen.manifest.compose import compose
from byocgen.manifest.load import load
from byocgen.manifest.model import (
    Async,
    Autoscaling,
    Ci,
    Cost,
    DataCapture,
    Deployment,
    Endpoint,
    Files,
    Input,
    Manifest,
    Model,
    Network,
    Observability,
    Security,
    Serverless,
    Serving,
    Shadow,
)
from byocgen.manifest.schema import schema

from .asking import findings, generated, marked
from .examples import HEAD, MINIMAL
from .full import FULL

if TYPE_CHECKING:
    from collections.abc import Iterator


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
            **{"async": Async(max_concurrent_per_instance=4, notify_email="ml@example.com")},  # type: ignore[arg-type]
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
        ("BYO401", 33, "endpoint.autoscaling"),
        ("BYO301", 34, "endpoint.serverless"),
        ("BYO301", 35, "endpoint.async"),
        ("BYO401", 36, "endpoint.deployment.strategy"),
        ("BYO401", 37, "endpoint.data_capture"),
        ("BYO401", 38, "endpoint.shadow"),
        ("BYO401", 40, "regions.1"),
        ("BYO401", 41, "network"),
        ("BYO401", 43, "observability.alarms"),
        ("BYO401", 43, "observability.alarm_email"),
        ("BYO401", 43, "observability.dashboard"),
        ("BYO401", 44, "cost.monthly_budget_usd"),
        ("BYO401", 45, "ci.provider"),
    ]


def test_defaults() -> None:
    loaded = load(MINIMAL.encode(), "byocgen.yaml")
    assert loaded.diagnostics == ()
    assert loaded.manifest == Manifest(version=1, name="churn", model=Model(framework="sklearn"))  # type: ignore[arg-type]


# ---- everything is mapped

NOT_GENERATED = "BYO401"
OTHER_VALUES: dict[str, tuple[Any, str]] = {
    "version": (2, "BYO203"),
    "name": ("fraud", ""),
    "description": ("Fraud score", ""),
    "model.framework": ("xgboost", NOT_GENERATED),
    "model.framework_version": ("1.8.0", ""),
    "model.python": ("3.11", ""),
    "model.artifact": ("artifacts/model.joblib", ""),
    "model.task": ("text-classification", "BYO303"),
    "model.size_gib": (1.2, ""),
    "model.requirements": (["pandas>=2.2"], ""),
    "model.inputs": ([{"name": "tenure", "type": "float"}], ""),
    "serving.workers": (2, ""),
    "serving.threads": (2, ""),
    "serving.batching": ({"max_size": 32}, NOT_GENERATED),
    "serving.timeout_seconds": (30, ""),
    "serving.max_payload_mib": (5, ""),
    "serving.stream": (True, NOT_GENERATED),
    "serving.optimize": ("onnx", NOT_GENERATED),
    "serving.environment": ({"A": "b"}, ""),
    "endpoint.mode": ("async", NOT_GENERATED),
    "endpoint.instance_type": ("ml.c7g.large", ""),
    "endpoint.instance_count": (2, ""),
    "endpoint.volume_size_gib": (50, ""),
    "endpoint.autoscaling": ({}, NOT_GENERATED),
    "endpoint.serverless": ({}, "BYO301"),
    "endpoint.async": ({}, "BYO301"),
    "endpoint.deployment.strategy": ("linear", NOT_GENERATED),
    "endpoint.deployment.step_percent": (20, "BYO303"),
    "endpoint.deployment.wait_seconds": (600, NOT_GENERATED),
    "endpoint.deployment.rollback": (False, NOT_GENERATED),
    "endpoint.data_capture": ({}, NOT_GENERATED),
    "endpoint.shadow": ({"instance_type": "ml.m5.large"}, NOT_GENERATED),
    "regions": (["eu-west-1"], ""),
    "network": ({"vpc_id": "vpc-1", "subnet_ids": ["subnet-a", "subnet-b"]}, NOT_GENERATED),
    "security.kms": ("arn:aws:kms:us-east-1:123456789012:key/1-a", ""),
    "security.run_as_root": (True, ""),
    "observability.alarms": (True, NOT_GENERATED),
    "observability.alarm_email": ("ml@example.com", NOT_GENERATED),
    "observability.dashboard": (True, NOT_GENERATED),
    "observability.log_retention_days": (7, ""),
    "cost.monthly_budget_usd": (300, NOT_GENERATED),
    "ci.provider": ("github", NOT_GENERATED),
    "ci.repository": ("acme/churn", NOT_GENERATED),
    "tags": ({"team": "growth"}, ""),
    "files.eject": (["Dockerfile"], ""),
}
"""For each field a value that is not its default, and the code that answers it; empty: the project changes."""
WHOLE_BLOCKS = {
    *("endpoint.autoscaling", "endpoint.serverless", "endpoint.async", "endpoint.data_capture", "endpoint.shadow"),
    *("network", "serving.batching", "model.inputs"),
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


def forms(field: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the alternatives that a field's schema lists."""
    return [field, *field.get("anyOf", ()), *field.get("oneOf", ()), *field.get("allOf", ())]


def with_value(path: str, value: Any) -> str:
    """Write the minimal manifest with one field more, or another."""
    values: dict[str, Any] = {"version": 1, "name": "churn", "model": {"framework": "sklearn"}}
    target = values
    *blocks, last = path.split(".")
    for block in blocks:
        target = target.setdefault(block, {})
    target[last] = value
    return compose(values)


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


@pytest.mark.parametrize("framework", ["xgboost", "lightgbm", "pytorch", "transformers", "onnx", "python"])
def test_a_framework_without_a_scaffold(framework: str) -> None:
    assert marked(HEAD + f"model: {{framework: {framework}}}\n") == [("BYO401", framework)]


@pytest.mark.parametrize("mode", ["serverless", "async", "batch", "multi-model"])
def test_a_mode_without_a_template(mode: str) -> None:
    text = MINIMAL + f"endpoint: {{mode: {mode}}}\nserving: {{max_payload_mib: 4}}\n"
    assert marked(text) == [("BYO401", mode)]


PENDING_VALUES = {
    "an artifact in S3": ("model: {framework: sklearn, artifact: s3://bucket/prefix}", "s3://bucket/prefix"),
    "any instance type": ("endpoint: {instance_type: auto}", "auto"),
    "a rolling update": ("endpoint: {deployment: {strategy: rolling}}", "rolling"),
    "CodeBuild": ("ci: {provider: codebuild}", "codebuild"),
}


@pytest.mark.parametrize("case", PENDING_VALUES)
def test_a_value_that_is_not_generated_yet(case: str) -> None:
    line, value = PENDING_VALUES[case]
    text = (HEAD if line.startswith("model") else MINIMAL) + line + "\n"
    assert marked(text) == [("BYO401", value)]


SAME_AS_DEFAULT = (
    "serving: {batching: off}",
    "serving: {optimize: off}",
    "endpoint: {deployment: {}}",
    "endpoint: {deployment: {strategy: all-at-once, step_percent: 10, wait_seconds: 300, rollback: true}}",
    "ci: {provider: none}",
    "cost: {}",
)


@pytest.mark.parametrize("line", SAME_AS_DEFAULT)
def test_what_is_generated_anyway_may_be_said(line: str) -> None:
    assert findings(MINIMAL + line + "\n") == ()
    assert made(MINIMAL + line + "\n") == made(MINIMAL)


# ---- limits


def numbers(block: dict[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk the schema to every number with limits."""
    for name, field in block["properties"].items():
        for form in forms(field):
            if "const" not in form and form.get("type") in ("integer", "number"):
                yield f"{above}{name}", form
            if "$ref" in form:
                yield from numbers(schema()["definitions"][form["$ref"].rsplit("/", 1)[1]], f"{above}{name}.")


NUMBERS = dict(numbers(schema()))
ENOUGH = {"serving.batching": {"max_size": 2}, "endpoint.shadow": {"instance_type": "ml.m5.large"}}
"""What a block needs beside the number."""


def test_every_number_has_both_limits() -> None:
    assert {
        path: sorted(set(form) & {"minimum", "exclusiveMinimum", "maximum", "enum"}) for path, form in NUMBERS.items()
    } == {
        path: ["enum"]
        if path in ("endpoint.serverless.memory_mib", "observability.log_retention_days")
        else ["exclusiveMinimum", "maximum"]
        if path in ("model.size_gib", "cost.monthly_budget_usd")
        else ["maximum", "minimum"]
        for path in NUMBERS
    }


LIMITED = [path for path, form in NUMBERS.items() if "maximum" in form]


def test_there_are_numbers() -> None:
    assert len(LIMITED) == 20


@pytest.mark.parametrize("path", LIMITED)
def test_limits_of(path: str) -> None:
    form = NUMBERS[path]
    low = form.get("minimum", form.get("exclusiveMinimum"))
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
    optional = ("model.size_gib", "endpoint.volume_size_gib", "cost.monthly_budget_usd")
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


COUNTS = {
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


# ---- contradictions

MODES = MINIMAL + "endpoint: {mode: %s}\n"
CONTRADICTIONS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "serverless in a VPC": (
        MODES % "serverless" + "serving: {max_payload_mib: 4}\n"
        "network: {vpc_id: vpc-1, subnet_ids: [subnet-a, subnet-b]}\n",
        [("BYO303", "network")],
    ),
    "serverless with more payload than it carries": (
        MODES % "serverless" + "serving: {max_payload_mib: 5}\n",
        [("BYO304", "5")],
    ),
    "serverless with several workers": (
        MODES % "serverless" + "serving: {max_payload_mib: 4, workers: 2}\n",
        [("BYO303", "2")],
    ),
    "serverless with capture": (
        MINIMAL + "endpoint: {mode: serverless, data_capture: {}}\nserving: {max_payload_mib: 4}\n",
        [("BYO301", "data_capture")],
    ),
    "serverless with a shadow": (
        MINIMAL + "endpoint: {mode: serverless, shadow: {instance_type: ml.m5.large}}\nserving: {max_payload_mib: 4}\n",
        [("BYO301", "shadow")],
    ),
    "serverless kept warmer than it may run": (
        MINIMAL + "serving: {max_payload_mib: 4}\n"
        "endpoint: {mode: serverless, serverless: {max_concurrency: 2, provisioned_concurrency: 3}}\n",
        [("BYO303", "3")],
    ),
    "a shadow of an async endpoint": (
        MINIMAL + "endpoint: {mode: async, shadow: {instance_type: ml.m5.large}}\n",
        [("BYO301", "shadow")],
    ),
    "autoscaling of batch": (MINIMAL + "endpoint: {mode: batch, autoscaling: {}}\n", [("BYO301", "autoscaling")]),
    "a rollout of batch": (MINIMAL + "endpoint: {mode: batch, deployment: {}}\n", [("BYO301", "deployment")]),
    "async settings of an endpoint in real time": (MINIMAL + "endpoint: {async: {}}\n", [("BYO301", "async")]),
    "multi-model of one archive": (
        HEAD + "model: {framework: sklearn, artifact: m.tar.gz}\nendpoint: {mode: multi-model}\n",
        [("BYO310", "m.tar.gz")],
    ),
    "multi-model of a prefix without its slash": (
        HEAD + "model: {framework: sklearn, artifact: s3://bucket/models}\nendpoint: {mode: multi-model}\n",
        [("BYO310", "s3://bucket/models")],
    ),
    "an artifact in no bucket": (HEAD + "model: {framework: sklearn, artifact: s3://}\n", [("BYO310", "s3://")]),
    "batch on Graviton": (
        MINIMAL + "endpoint: {mode: batch, instance_type: ml.c7g.large}\n",
        [("BYO303", "ml.c7g.large")],
    ),
    "batch on p5": (
        HEAD + "model: {framework: pytorch}\nendpoint: {mode: batch, instance_type: ml.p5.48xlarge}\n",
        [("BYO303", "ml.p5.48xlarge")],
    ),
    "batch on p4d": (
        HEAD + "model: {framework: pytorch}\nendpoint: {mode: batch, instance_type: ml.p4d.24xlarge}\n",
        [("BYO303", "ml.p4d.24xlarge")],
    ),
    "an invocation longer than real time": (MINIMAL + "serving: {timeout_seconds: 61}\n", [("BYO304", "61")]),
    "more payload than real time": (MINIMAL + "serving: {max_payload_mib: 7}\n", [("BYO304", "7")]),
    "more payload than batch": (
        MODES % "batch" + "serving: {max_payload_mib: 101}\n",
        [("BYO304", "101")],
    ),
    "a model that does not fit": (HEAD + "model: {framework: sklearn, size_gib: 7}\n", [("BYO308", "7")]),
    "workers that do not fit": (
        HEAD + "model: {framework: sklearn, size_gib: 2}\nserving: {workers: 4}\n",
        [("BYO308", "4")],
    ),
    "a volume beside NVMe": (
        MINIMAL + "endpoint: {instance_type: ml.m5d.large, volume_size_gib: 8}\n",
        [("BYO303", "8")],
    ),
    "a version that is not in the catalogue": (
        HEAD + 'model: {framework: sklearn, framework_version: "1.0"}\n',
        [("BYO305", '"1.0"')],
    ),
    "a Python without wheels": (
        HEAD + 'model: {framework: sklearn, framework_version: "1.9.1", python: "3.14"}\n',
        [("BYO203", '"3.14"')],
    ),
    "isolation with a model fetched at start": (
        HEAD + "model: {framework: transformers}\nserving: {environment: {HF_MODEL_ID: org/model}}\n"
        "network: {vpc_id: vpc-1, subnet_ids: [subnet-a, subnet-b], isolation: true}\n",
        [("BYO303", "org/model")],
    ),
    "a type that is none": (MINIMAL + "endpoint: {instance_type: ml.m55.xlarge}\n", [("BYO302", "ml.m55.xlarge")]),
    "a type that EC2 says nothing about": (
        MINIMAL + "endpoint: {instance_type: ml.inf2.xlarge}\n",
        [("BYO303", "ml.inf2.xlarge")],
    ),
    "a name that is too long": (
        f"version: 1\nname: {'n' * 41}\nmodel: {{framework: sklearn}}\n",
        [("BYO206", "n" * 41)],
    ),
    "a canary of more than half": (
        MINIMAL + "endpoint: {deployment: {strategy: canary, step_percent: 51}}\n",
        [("BYO304", "51")],
    ),
    "a linear step of less than a tenth": (
        MINIMAL + "endpoint: {deployment: {strategy: linear, step_percent: 9}}\n",
        [("BYO304", "9")],
    ),
    "a rolling step of less than a twentieth": (
        MINIMAL + "endpoint: {deployment: {strategy: rolling, step_percent: 4}}\n",
        [("BYO304", "4")],
    ),
    "scaling from more than its most": (
        MINIMAL + "endpoint: {instance_count: 5, autoscaling: {min: 5, max: 4}}\n",
        [("BYO303", "5")],
    ),
    "scaling to zero in real time": (
        MINIMAL + "endpoint: {autoscaling: {min: 0}}\n",
        [("BYO303", "0")],
    ),
    "fewer instances than scaling keeps": (
        MINIMAL + "endpoint: {instance_count: 1, autoscaling: {min: 2}}\n",
        [("BYO303", "1")],
    ),
    "a key in another region": (
        MINIMAL + "security: {kms: 'arn:aws:kms:eu-west-1:123456789012:key/1-a'}\n",
        [("BYO303", "'arn:aws:kms:eu-west-1:123456789012:key/1-a'")],
    ),
    "tags that differ in case only": (MINIMAL + "tags: {Team: a, team: b}\n", [("BYO303", "b")]),
    "two inputs of one name": (
        HEAD + "model: {framework: sklearn, artifact: m, inputs: [{name: a, type: float}, {name: a, type: float}]}\n",
        [("BYO303", "a")],
    ),
    "values of a number": (
        HEAD + 'model: {framework: sklearn, artifact: m, inputs: [{name: a, type: float, values: ["1"]}]}\n',
        [("BYO303", "values")],
    ),
}
BESIDE = ("BYO401", "BYO352")
"""What is not generated yet, and files that are not there, are other tests' matter."""


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_contradiction(case: str) -> None:
    text, expected = CONTRADICTIONS[case]
    assert [one for one in marked(text) if one[0] not in BESIDE] == expected


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_contradiction_says_the_way_out(case: str) -> None:
    text, _ = CONTRADICTIONS[case]
    found = [one for one in findings(text) if one.code.startswith("BYO3")]
    assert [one.message for one in found if not one.help] == []


ARTIFACTS = {
    "model.joblib": [],
    "artifacts/model v2 (final).joblib": [],
    "./artifacts/../artifacts/model.joblib": [],
    "..model/x": [],
    "/model.joblib": ["BYO306"],
    "~/model.joblib": ["BYO306"],
    "..": ["BYO306"],
    "../model.joblib": ["BYO306"],
    "a/../../model.joblib": ["BYO306"],
    ".": ["BYO306"],
    "a/..": ["BYO306"],
    "a\\b": ["BYO306"],
    "serving/model.joblib": ["BYO306"],
    "./terraform/x": ["BYO306"],
    "byocgen.yaml": ["BYO306"],
    "Makefile": ["BYO306"],
    "requirements-dev.lock": ["BYO306"],
    ".git/hooks/pre-commit": ["BYO306"],
    "": ["BYO306"],
}


@pytest.mark.parametrize("path", ARTIFACTS)
def test_where_an_artifact_may_lie(path: str) -> None:
    codes = [one.code for one in findings(with_value("model.artifact", path)) if one.code != "BYO352"]
    assert codes == ARTIFACTS[path]


def test_no_artifact_lies_where_something_is_generated() -> None:
    tops = sorted({path.split("/")[0] for path in [*generated(MINIMAL).tree, "byocgen.lock"]})
    assert {top: [one.code for one in findings(with_value("model.artifact", top))] for top in tops} == {
        top: ["BYO306"] for top in tops
    }


def test_the_model_is_frozen() -> None:
    manifest = generated(MINIMAL).manifest
    with pytest.raises(dataclasses.FrozenInstanceError):
        manifest.name = "other"  # type: ignore[misc,assignment]
