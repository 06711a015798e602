"""Modes of hosting: what each block changes, what contradicts it, what its files are."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from tests.unit.asking import contents, findings, generated, marked
from tests.unit.examples import HEAD, MINIMAL

from byocgen.manifest.compose import compose

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
SCHEDULE = [{"name": "morning", "schedule": "cron(0 8 ? * MON-FRI *)", "timezone": "Europe/Berlin", "min": 2, "max": 3}]
SCALED = {"min": 1, "max": 4}


def manifest(endpoint: dict[str, Any], **blocks: Any) -> str:
    """A manifest with these blocks."""
    model = {"framework": "sklearn", **blocks.pop("model", {})}
    return compose({"version": 1, "name": "churn", "model": model, "endpoint": endpoint, **blocks})


def scaled(**changed: Any) -> dict[str, Any]:
    return {"autoscaling": {**SCALED, **changed}}


def asynchronous(**changed: Any) -> dict[str, Any]:
    return {"mode": "async", "autoscaling": {**SCALED, **changed}}


def serverless(**changed: Any) -> dict[str, Any]:
    return {"mode": "serverless", "serverless": {"provisioned_concurrency": 1, **changed}}


def batch(**changed: Any) -> dict[str, Any]:
    return {"mode": "batch", "batch": changed}


def variant(**changed: Any) -> dict[str, Any]:
    return {"variants": [{"name": "challenger", "percent": 10, **changed}]}


def container(**changed: Any) -> dict[str, Any]:
    return {"pipeline": {"before": [{"image": f"{REGISTRY}/prepare:1", **changed}]}}


def shadow(**changed: Any) -> dict[str, Any]:
    return {"shadow": {"instance_type": "ml.m5.large", **changed}}


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "autoscaling.min": (scaled(), {**scaled(min=2), "instance_count": 2}),
    "autoscaling.max": (scaled(), scaled(max=5)),
    "autoscaling.invocations_per_instance": (scaled(), scaled(invocations_per_instance=50)),
    "autoscaling.backlog_per_instance": (asynchronous(), asynchronous(backlog_per_instance=9)),
    "autoscaling.scale_out_cooldown_seconds": (scaled(), scaled(scale_out_cooldown_seconds=1)),
    "autoscaling.scale_in_cooldown_seconds": (scaled(), scaled(scale_in_cooldown_seconds=1)),
    "autoscaling.schedule": (scaled(), scaled(schedule=SCHEDULE)),
    "schedule.name": (scaled(schedule=SCHEDULE), scaled(schedule=[{**SCHEDULE[0], "name": "dawn"}])),
    "schedule.schedule": (scaled(schedule=SCHEDULE), scaled(schedule=[{**SCHEDULE[0], "schedule": "rate(1 hour)"}])),
    "schedule.timezone": (scaled(schedule=SCHEDULE), scaled(schedule=[{**SCHEDULE[0], "timezone": "UTC"}])),
    "schedule.min": (scaled(schedule=SCHEDULE), scaled(schedule=[{**SCHEDULE[0], "min": 1}])),
    "schedule.max": (scaled(schedule=SCHEDULE), scaled(schedule=[{**SCHEDULE[0], "max": 9}])),
    "async.max_concurrent_per_instance": (
        {"mode": "async"},
        {"mode": "async", "async": {"max_concurrent_per_instance": 9}},
    ),
    "async.notify_email": ({"mode": "async"}, {"mode": "async", "async": {"notify_email": "ml@example.com"}}),
    "serverless.memory_mib": (serverless(), serverless(memory_mib=6144)),
    "serverless.max_concurrency": (serverless(), serverless(max_concurrency=9)),
    "serverless.provisioned_concurrency": (serverless(), serverless(provisioned_concurrency=2)),
    "serverless.provisioned_concurrency_max": (serverless(), serverless(provisioned_concurrency_max=2)),
    "serverless.schedule": (serverless(), serverless(schedule=SCHEDULE)),
    "batch.input_folder": (batch(), batch(input_folder="s3://data/in/")),
    "batch.output_folder": (batch(), batch(output_folder="s3://data/out/")),
    "batch.content_type": (batch(), batch(content_type="application/jsonlines")),
    "batch.split": (batch(), batch(split="none")),
    "batch.strategy": (batch(), batch(strategy="single-record")),
    "batch.max_concurrent": (batch(), batch(max_concurrent=4)),
    "batch.join_input": (batch(), batch(join_input=True)),
    "shadow.instance_type": (shadow(), shadow(instance_type="ml.m5.2xlarge")),
    "shadow.sample_percent": (shadow(), shadow(sample_percent=50)),
    "variants.name": (variant(), variant(name="other")),
    "variants.percent": (variant(), variant(percent=20)),
    "variants.instance_type": (variant(), variant(instance_type="ml.m5.2xlarge")),
    "variants.instance_count": (variant(), variant(instance_count=2)),
    "pipeline.before": (container(), {"pipeline": {"after": [{"image": f"{REGISTRY}/prepare:1"}]}}),
    "pipeline.image": (container(), container(image=f"{REGISTRY}/prepare:2")),
    "pipeline.artifact": (container(), container(artifact="s3://data/prepare.tar.gz")),
    "pipeline.environment": (container(), container(environment={"A": "b"})),
}


@pytest.mark.parametrize("field", CHANGES)
def test_a_field_of_a_mode_changes_the_project(field: str) -> None:
    trees = [contents(manifest(endpoint)) for endpoint in CHANGES[field]]
    changed = {path for path in trees[0].keys() | trees[1].keys() if trees[0].get(path) != trees[1].get(path)}
    assert changed - {"byocgen.yaml"}


CONTRADICTIONS: dict[str, tuple[str, str, str]] = {
    "a job's block in another mode": (manifest({"batch": {"split": "none"}}), "BYO301", "batch"),
    "scaling of batch": (manifest({"mode": "batch", **scaled()}), "BYO301", "autoscaling"),
    "a shadow of an asynchronous endpoint": (manifest({"mode": "async", **shadow()}), "BYO301", "shadow"),
    "variants of many models": (manifest({"mode": "multi-model", **variant()}), "BYO301", "variants"),
    "a pipeline without machines": (manifest({"mode": "serverless", **container()}), "BYO301", "pipeline"),
    "a machine without machines": (
        manifest({"mode": "serverless", "instance_type": "ml.c7g.large"}),
        "BYO303",
        "ml.c7g.large",
    ),
    "a number without machines": (manifest({"mode": "serverless", "instance_count": 2}), "BYO303", "2"),
    "a volume without machines": (manifest({"mode": "serverless", "volume_size_gib": 9}), "BYO303", "9"),
    "more warm than may run": (
        manifest({"mode": "serverless", "serverless": {"max_concurrency": 2, "provisioned_concurrency": 3}}),
        "BYO303",
        "3",
    ),
    "warm that cannot grow": (manifest(serverless(provisioned_concurrency_max=99)), "BYO303", "99"),
    "a schedule of nothing": (
        manifest({"mode": "serverless", "serverless": {"schedule": SCHEDULE}}),
        "BYO303",
        "schedule",
    ),
    "variables of a job": (
        manifest({"mode": "batch"}, serving={"environment": {f"V{number}": "x" for number in range(17)}}),
        "BYO304",
        "environment",
    ),
    "a volume of a job": (manifest({"mode": "batch", "volume_size_gib": 9}), "BYO303", "9"),
    "too much at one time": (manifest(batch(max_concurrent=17)), "BYO304", "17"),
    "records of whole objects": (manifest(batch(split="none", join_input=True)), "BYO303", "true"),
    "one folder, two regions": (
        manifest(batch(input_folder="s3://data/in/"), regions=["us-east-1", "eu-west-1"]),
        "BYO303",
        "s3://data/in/",
    ),
    "a stream that is stored": (
        manifest({"mode": "async"}, model={"framework": "python"}, serving={"stream": True}),
        "BYO303",
        "true",
    ),
    "invocations of a queue": (manifest(asynchronous(invocations_per_instance=5)), "BYO303", "5"),
    "a queue of invocations": (manifest(scaled(backlog_per_instance=5)), "BYO303", "5"),
    "nothing to scale": (manifest(scaled(max=1)), "BYO303", "1"),
    "two times of a name": (manifest(scaled(schedule=[{**SCHEDULE[0]}, {**SCHEDULE[0]}])), "BYO303", "morning"),
    "a time that changes nothing": (
        manifest(scaled(schedule=[{"name": "a", "schedule": "rate(1 hour)"}])),
        "BYO303",
        "rate(1 hour)",
    ),
    "no machine at night": (
        manifest(scaled(schedule=[{"name": "a", "schedule": "rate(1 hour)", "min": 0}])),
        "BYO303",
        "0",
    ),
    "a name of ours": (manifest(variant(name="primary")), "BYO303", "primary"),
    "all of the traffic": (
        manifest({"variants": [{"name": "a", "percent": 60}, {"name": "b", "percent": 40}]}),
        "BYO303",
        "40",
    ),
    "a variant and a shadow": (manifest({**variant(), **shadow()}), "BYO303", "shadow"),
    "a pipeline of one": (manifest({"pipeline": {}}), "BYO303", "pipeline"),
    "an image elsewhere": (
        manifest(container(image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/prepare:1")),
        "BYO303",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/prepare:1",
    ),
    "a variant that is no type": (manifest(variant(instance_type="ml.m5.huge")), "BYO302", "ml.m5.huge"),
    "a variant of another architecture": (manifest(variant(instance_type="ml.c7g.large")), "BYO303", "ml.c7g.large"),
    "a shadow of another kind": (manifest(shadow(instance_type="ml.g5.xlarge")), "BYO303", "ml.g5.xlarge"),
    "plain files of a job": (
        manifest({"mode": "batch"}, model={"artifact": "s3://data/churn/"}),
        "BYO310",
        "s3://data/churn/",
    ),
    "one plain file": (manifest({}, model={"artifact": "s3://data/churn.joblib"}), "BYO310", "s3://data/churn.joblib"),
    "one model, two regions": (
        manifest({}, model={"artifact": "s3://data/churn/"}, regions=["us-east-1", "eu-west-1"]),
        "BYO303",
        "s3://data/churn/",
    ),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_contradiction_is_found_where_it_is_caused(case: str) -> None:
    text, code, mark = CONTRADICTIONS[case]
    found = [(one, what) for one, what in marked(text) if one != "BYO352"]
    assert [(one, what.strip("\"'")) for one, what in found] == [(code, mark)]
    assert all(one.help for one in findings(text) if one.code == code)


LAYERS = {
    "realtime": ({}, ("base", "realtime", "key")),
    "serverless": (serverless(schedule=SCHEDULE), ("base", "serverless", "key", "scaling", "provisioned")),
    "async to zero": (
        asynchronous(min=0),
        ("base", "realtime", "async", "key", "scaling", "backlog", "wake"),
    ),
    "batch": ({"mode": "batch"}, ("base", "batch", "key")),
    "multi-model": (
        {"mode": "multi-model", **scaled()},
        ("base", "realtime", "multi-model", "key", "scaling", "autoscaling"),
    ),
    "variants": (variant(), ("base", "realtime", "key", "candidates", "variants")),
    "shadow": (shadow(), ("base", "realtime", "key", "candidates", "shadow")),
    "pipeline": (container(), ("base", "realtime", "key", "containers")),
}


@pytest.mark.parametrize("case", LAYERS)
def test_a_mode_is_a_layer_of_files(case: str) -> None:
    endpoint, expected = LAYERS[case]
    assert generated(manifest(endpoint)).plan.stack.layers.value == expected


def test_what_a_job_is_like_is_data() -> None:
    text = contents(manifest(batch(max_concurrent=4), serving={"timeout_seconds": 900, "max_payload_mib": 20}))
    assert tomllib.loads(text["release.toml"]) == {
        "transform": {
            "instance_type": "ml.m5.xlarge",
            "instance_count": 1,
            "content_type": "text/csv",
            "split": "line",
            "strategy": "multi-record",
            "join_input": False,
            "encrypt_volume": True,
            "max_concurrent": 4,
            "max_payload_mib": 20,
            "timeout_seconds": 900,
        }
    }


def test_only_modes_that_need_it_tell_the_release_flow_more() -> None:
    asked = {"multi-model": HEAD + "model: {framework: sklearn, artifact: many}\nendpoint: {mode: multi-model}\n"}
    asked["in S3"] = HEAD + "model: {framework: sklearn, artifact: s3://data/churn.tar.gz}\n"
    assert "release.toml" not in contents(MINIMAL)
    told = {case: tomllib.loads(contents(text)["release.toml"]) for case, text in asked.items()}
    assert told == {"multi-model": {"artifact": "many"}, "in S3": {"artifact": "s3://data/churn.tar.gz"}}


@pytest.mark.parametrize("mode", ["serverless", "async", "batch", "multi-model"])
def test_a_mode_brings_its_own_release_flow_and_targets(mode: str) -> None:
    tree, plain = contents(manifest({"mode": mode})), contents(MINIMAL)
    changed = {path for path in tree if path.startswith("release/") and tree[path] != plain.get(path)}
    assert (
        changed
        == {
            "serverless": set(),
            "async": {"release/asking.py"},
            "batch": {"release/endpoint.py", "release/transform.py"},
            "multi-model": {"release/asking.py", "release/model.py"},
        }[mode]
    )
    assert ("\ntransform:" in tree["Makefile"]) is (mode == "batch")
    assert f"--mode {mode}" in tree["Makefile"]
