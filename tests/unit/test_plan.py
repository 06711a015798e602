"""What is decided, for which manifest; every hosting type of the catalogue gets a plan or a reason why not."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from typing import Any

import pytest

from byocgen import catalog as catalogs
from byocgen import present
from byocgen.diagnostics import Diagnostic, has_errors
from byocgen.manifest.compose import assign, compose
from byocgen.manifest.load import load
from byocgen.plan.decide import decide
from byocgen.plan.plan import Plan

CATALOG = catalogs.load()
CPU = [name for name, one in CATALOG.instances.items() if one.gpu is None and not one.neuron]


def decided(*settings: str) -> tuple[Plan | None, list[Diagnostic]]:
    """Decide for the minimal manifest with some fields more."""
    values: dict[str, Any] = {"version": 1, "name": "churn", "model": {"framework": "sklearn"}}
    for setting in settings:
        assign(values, setting)
    loaded = load(compose(values).encode(), "byocgen.yaml")
    assert loaded.manifest is not None
    assert not has_errors(loaded.diagnostics)
    return decide(loaded.manifest, CATALOG)


def plan(*settings: str) -> Plan:
    """Return a plan that nothing stands in the way of."""
    made, found = decided(*settings)
    assert not has_errors(found)
    assert made is not None
    return made


@cache
def on(instance_type: str) -> tuple[Plan | None, tuple[Diagnostic, ...]]:
    """Decide for an instance type."""
    made, found = decided(f"endpoint.instance_type={instance_type}")
    return made, tuple(found)


DECISIONS: dict[tuple[str, ...], dict[str, Any]] = {
    ("endpoint.instance_type=ml.m5.xlarge",): {
        "image.architecture": "amd64",
        "image.platform": "linux/amd64",
        "image.base_image": "public.ecr.aws/docker/library/python:3.12-slim-bookworm",
        "image.python": "3.12",
        "image.framework": "scikit-learn",
        "image.framework_version": "1.9.1",
        "image.python_image": "public.ecr.aws/docker/library/python:3.12-slim-bookworm",
        "image.cuda": "",
        "image.torch": "",
        "image.user": "10001:10001",
        "model.artifact": "",
        "model.task": "",
        "model.requirements": [],
        "serving.workers": 4,
        "serving.threads": 1,
        "serving.blas_threads": 1,
        "serving.queue_size": 128,
        "serving.timeout_seconds": 60,
        "serving.max_payload_bytes": 6 * 1024 * 1024,
        "serving.drain_seconds": 25,
        "serving.stream": False,
        "serving.batch_size": 64,
        "serving.batch_delay_ms": 0,
        "serving.lane": "auto",
        "serving.http": "direct",
        "serving.optimize": "auto",
        "serving.environment": {},
        "names.endpoint": "churn",
        "names.repository": "churn",
        "names.bucket_prefix": "churn",
        "names.role_prefix": "churn",
        "stack.region": "us-east-1",
        "stack.regions": {"us-east-1": "use1"},
        "stack.layers": ["base", "realtime", "key"],
        "stack.mode": "realtime",
        "stack.instance_type": "ml.m5.xlarge",
        "stack.instance_count": 1,
        "stack.volume_size_gib": None,
        "stack.ami_version": None,
        "stack.startup_health_check_timeout_seconds": 300,
        "stack.model_download_timeout_seconds": 600,
        "stack.kms": "managed",
        "stack.log_retention_days": 30,
        "stack.tags": {},
        "stack.provider": ">= 5.70, < 7",
        "stack.terraform": ">= 1.9",
    },
    ("endpoint.instance_type=ml.m5.large",): {"serving.workers": 2, "serving.blas_threads": 1},
    ("endpoint.instance_type=ml.c7g.large",): {
        "image.architecture": "arm64",
        "image.platform": "linux/arm64",
        "image.base_image": "public.ecr.aws/docker/library/python:3.12-slim-bookworm",
        "serving.workers": 2,
    },
    ("endpoint.instance_type=ml.c8g.medium",): {"serving.workers": 1, "stack.provider": ">= 6.2, < 7"},
    ("endpoint.instance_type=ml.m5.24xlarge",): {"serving.workers": 96, "serving.blas_threads": 1},
    ("endpoint.instance_type=ml.m5d.large", "endpoint.instance_count=3"): {
        "stack.volume_size_gib": None,
        "stack.instance_count": 3,
    },
    ("endpoint.volume_size_gib=50",): {"stack.volume_size_gib": 50},
    ("model.framework=python", "model.size_gib=2"): {
        "serving.workers": 3,
        "serving.blas_threads": 1,
        "stack.startup_health_check_timeout_seconds": 420,
        "stack.model_download_timeout_seconds": 720,
    },
    ("model.size_gib=2",): {"serving.workers": 4, "serving.blas_threads": 1},
    ("model.framework=python", "model.size_gib=6"): {"serving.workers": 1, "serving.blas_threads": 4},
    ("model.framework=python", "model.size_gib=100", "endpoint.instance_type=ml.r5.24xlarge"): {
        "serving.workers": 3,
        "serving.blas_threads": 32,
        "stack.startup_health_check_timeout_seconds": 3600,
        "stack.model_download_timeout_seconds": 3600,
    },
    ("serving.workers=1",): {"serving.workers": 1, "serving.blas_threads": 4},
    ("serving.threads=2",): {"serving.workers": 2, "serving.threads": 2, "serving.blas_threads": 1},
    ("serving.threads=3",): {"serving.workers": 1, "serving.threads": 3, "serving.blas_threads": 1},
    ("serving.workers=8",): {"serving.workers": 8, "serving.blas_threads": 1},
    ("serving.timeout_seconds=7", "serving.max_payload_mib=1"): {
        "serving.timeout_seconds": 7,
        "serving.max_payload_bytes": 1024 * 1024,
    },
    ('model.framework_version="1.5.2"',): {"image.framework_version": "1.5.2", "image.python": "3.12"},
    ('model.python="3.11"',): {
        "image.python": "3.11",
        "image.base_image": "public.ecr.aws/docker/library/python:3.11-slim-bookworm",
    },
    ("security.run_as_root=true", "security.kms=aws"): {"image.user": "0:0", "stack.kms": "aws"},
    ("model.artifact=./artifacts/../models/m.joblib",): {"model.artifact": "models/m.joblib", "serving.inputs": []},
    ("model.artifact=models/",): {"model.artifact": "models"},
    ("model.artifact=m", "model.inputs=[{name: plan, type: string, values: [basic]}]"): {
        "serving.inputs": [{"name": "plan", "type": "string", "values": ["basic"]}]
    },
    ("model.framework=xgboost", 'model.python="3.11"'): {
        "image.framework": "xgboost-cpu",
        "image.framework_version": "3.2.0",
        "image.python": "3.11",
    },
    ("model.framework=xgboost",): {"image.framework_version": "3.4.1", "image.python": "3.12", "serving.workers": 4},
    ("model.framework=lightgbm",): {"image.framework": "lightgbm", "serving.workers": 4},
    ("model.framework=pytorch",): {
        "image.framework": "torch",
        "image.framework_version": "2.13.0",
        "image.torch": "2.13.0+cpu",
        "serving.workers": 4,
    },
    ("model.framework=pytorch", 'model.framework_version="2.15.0"'): {"image.torch": "2.15.0+cpu"},
    ("model.framework=transformers",): {
        "image.framework": "transformers",
        "image.framework_version": "5.23.0",
        "image.torch": "2.13.0+cpu",
        "model.task": "text-classification",
        "serving.inputs": [],
    },
    ("model.framework=transformers", "model.artifact=m"): {"model.task": ""},
    ("model.framework=transformers", "model.artifact=m", "model.task=fill-mask"): {"model.task": "fill-mask"},
    ("model.framework=transformers", "endpoint.instance_type=ml.c5.large"): {"serving.workers": 2},
    ("model.framework=onnx", "endpoint.instance_type=ml.t2.medium"): {"serving.workers": 2},
    ("model.framework=python",): {"image.framework": "python", "image.framework_version": "", "serving.stream": False},
    ("model.framework=python", "serving.stream=true"): {"serving.stream": True},
    ("regions=[eu-central-1]",): {"stack.region": "eu-central-1", "stack.regions": {"eu-central-1": "euc1"}},
}


@pytest.mark.parametrize("settings", DECISIONS, ids=" ".join)
def test_decisions(settings: tuple[str, ...]) -> None:
    expected = DECISIONS[settings]
    rows = present.explain_data(plan(*settings))
    assert {key: rows[key]["value"] for key in expected} == expected


@pytest.mark.parametrize("settings", DECISIONS, ids=" ".join)
def test_every_decision_has_a_reason_and_a_source(settings: tuple[str, ...]) -> None:
    rows = present.explain_data(plan(*settings))
    assert [key for key, one in rows.items() if not one["reason"].strip() or not one["source"].strip()] == []


REASONS: dict[tuple[str, ...], tuple[str, str, str]] = {
    ("serving.workers=2",): ("serving.workers", "the manifest says so", "manifest: serving.workers"),
    ("model.framework=python", "model.size_gib=2"): (
        "serving.workers",
        "memory, 16 GiB, for 3 copies of the model (4 vCPUs)",
        "catalogue: instances.json",
    ),
    ("model.size_gib=0.5",): (
        "stack.model_download_timeout_seconds",
        "download and unpacking of the model: 600 s, 0.5 GiB at a minute each on top",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html",
    ),
    ("endpoint.instance_type=ml.m8g.large",): (
        "stack.provider",
        "ml.m8g.large is accepted from here; the rest would do with 5.70",
        "catalogue: provider.json",
    ),
    ("endpoint.instance_type=ml.c7g.large",): (
        "image.architecture",
        "ml.c7g.large has arm64 CPUs",
        "catalogue: instances.json",
    ),
    ('model.python="3.13"',): ("image.python", "the manifest says so", "manifest: model.python"),
}


@pytest.mark.parametrize("settings", REASONS, ids=" ".join)
def test_reasons(settings: tuple[str, ...]) -> None:
    key, reason, source = REASONS[settings]
    row = present.explain_data(plan(*settings), key)[key]
    assert (row["reason"], row["source"]) == (reason, source)


CHOICES = [
    (framework.name, version, python)
    for framework in CATALOG.frameworks.values()
    for version, pythons in framework.versions.items()
    for python in pythons
]


@pytest.mark.parametrize(("framework", "version", "python"), CHOICES)
def test_every_version_of_every_framework_gets_a_plan_and_a_lock(framework: str, version: str, python: str) -> None:
    given = [f'model.framework_version="{version}"'] if version else []
    made, found = decided(f"model.framework={framework}", f'model.python="{python}"', *given)
    assert found == []
    assert made is not None
    assert (made.image.framework_version.value, made.image.python.value) == (version, python)
    assert CATALOG.lock_text(framework, version, python).startswith("# Exact versions with hashes")
    assert CATALOG.dev_lock_text(framework, version, python).startswith("# Exact versions with hashes")


@pytest.mark.parametrize("framework", CATALOG.frameworks)
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_every_framework_has_a_version_for_every_python(framework: str, python: str) -> None:
    image = plan(f"model.framework={framework}", f'model.python="{python}"').image
    assert python in CATALOG.frameworks[framework].versions[image.framework_version.value]


@pytest.mark.parametrize("framework", CATALOG.frameworks)
def test_the_smallest_instance_takes_a_worker_of_every_framework(framework: str) -> None:
    assert plan(f"model.framework={framework}", "endpoint.instance_type=ml.t2.medium").serving.workers.value >= 1


def test_a_gpu_for_scikit_learn_is_a_warning() -> None:
    made, found = on("ml.g4dn.xlarge")
    assert made is not None
    assert [(one.code, one.severity.value) for one in found] == [("BYO351", "warning")]


@pytest.mark.parametrize("name", CATALOG.instances)
def test_every_instance_type_gets_a_plan_or_a_reason_why_not(name: str) -> None:
    made, found = on(name)
    assert (made is None) is has_errors(found)
    codes = {one.code for one in found}
    one = CATALOG.instances[name]
    expected = {"BYO302"} if not one.provider_floor else set()
    expected |= {"BYO303"} if one.neuron else set()
    expected |= {"BYO351"} if one.gpu is not None else set()
    expected |= {"BYO355"} if name in CATALOG.ec2_lacks["us-east-1"] else set()
    assert codes == expected


@pytest.mark.parametrize("name", CATALOG.instance_types_without_facts)
def test_a_type_without_facts_has_no_plan(name: str) -> None:
    made, found = on(name)
    assert made is None
    assert [(one.code, one.message) for one in found] == [
        ("BYO302", f"{name} is a hosting type, but its vCPUs and memory are not in the catalogue")
    ]


@pytest.mark.parametrize("name", CPU)
def test_lanes_and_memory_of_every_cpu_type(name: str) -> None:
    made, _ = on(name)
    if made is None:
        return
    one, serving = CATALOG.instances[name], made.serving
    lanes = serving.workers.value * serving.threads.value * serving.blas_threads.value
    assert one.vcpus / 2 < lanes <= one.vcpus
    assert serving.workers.value * 256 <= one.memory_mib * 0.8


def test_the_types_include_what_the_rules_are_about() -> None:
    made = [name for name in CATALOG.instances if on(name)[0] is not None]
    assert len(made) > 200
    assert {CATALOG.instances[name].architecture for name in made} == {"amd64", "arm64"}
    assert max(CATALOG.instances[name].vcpus for name in made) == 192


@pytest.mark.parametrize("name", CATALOG.instances)
def test_the_provider_accepts_the_type(name: str) -> None:
    made, _ = on(name)
    if made is None:
        return
    match = re.fullmatch(r">= ([0-9.]+), < 7", made.stack.provider.value)
    assert match is not None
    floor = tuple(int(part) for part in match.group(1).split("."))
    needed = tuple(int(part) for part in CATALOG.instances[name].provider_floor.split("."))
    assert floor == max(needed, (5, 70))


NAMES = {
    "churn": ("churn", "churn"),
    "My--Model": ("my-model", "my-model"),
    "a": ("a-model", "a"),
    "7": ("7-model", "7"),
    "A--------b": ("a-b", "a-b"),
    "X" * 40: ("x" * 40, "x" * 40),
}


@pytest.mark.parametrize("name", NAMES)
def test_names(name: str) -> None:
    names = plan(f'name="{name}"').names
    assert (names.repository.value, names.bucket_prefix.value) == NAMES[name]
    assert (names.endpoint.value, names.role_prefix.value) == (name, name)


@pytest.mark.parametrize("region", CATALOG.regions)
@pytest.mark.parametrize("name", ["a", "Z" + "-9" * 19 + "z"])
def test_names_are_what_aws_takes_in_every_region(region: str, name: str) -> None:
    made = plan(f'name="{name}"', f"regions=[{region}]")
    names, code = made.names, made.stack.regions.value[region]
    assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", names.endpoint.value)
    assert re.fullmatch(r"(?=.{2,256}$)[a-z0-9]+(?:-[a-z0-9]+)*", names.repository.value)
    assert re.fullmatch(r"(?=.{3,63}$)[a-z0-9][a-z0-9-]*[a-z0-9]", f"{names.bucket_prefix.value}-{code}-123456789012")
    assert re.fullmatch(r"[\w+=,.@-]{1,64}", f"{names.role_prefix.value}-{code}-execution", re.ASCII)


def test_explain_has_a_row_for_every_decision() -> None:
    made = plan()
    keys = [
        f"{subject.name}.{field.name}"
        for subject in dataclasses.fields(Plan)
        if getattr(made, subject.name) is not None
        for field in dataclasses.fields(getattr(made, subject.name))
    ]
    assert list(present.explain_data(made)) == keys


def test_explain_of_a_part() -> None:
    made = plan()
    assert list(present.explain_data(made, "names")) == [
        "names.endpoint",
        "names.repository",
        "names.bucket_prefix",
        "names.role_prefix",
    ]
    assert list(present.explain_data(made, "serving.workers")) == ["serving.workers"]
    assert present.explain_data(made, "serving.work") == {}


def test_the_table_has_the_same_rows(capsys: pytest.CaptureFixture[str]) -> None:
    rows = present.explain_data(plan("tags={team: growth}", 'serving.environment={A: "[red]x[/red]"}'))
    present.explain(rows)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["key", "value", "why", "from"]
    assert [line.split()[0] for line in lines[2:] if not line.startswith(" ")] == list(rows)
    assert '{"A": "[red]x[/red]"}' in "\n".join(lines)


def test_a_narrow_terminal_gets_a_paragraph_a_decision(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    present.explain(present.explain_data(plan(), "serving.workers"))
    assert (
        capsys.readouterr().out
        == """\
serving.workers = 4
    4 vCPUs; a prediction holds the interpreter's lock, so a
    process for each vCPU
    from catalogue: instances.json
"""
    )
