"""GPU, CUDA, driver, machine image and provider are one decision: for every family, and for every build."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.unit.asking import contents, findings, generated

import derive
from byocgen import catalog as catalogs
from byocgen.manifest.load import load
from byocgen.plan import drivers
from byocgen.plan.decide import decide

CATALOG = catalogs.load()
FAMILIES = {one.family: one for one in CATALOG.instances.values() if one.gpu is not None}
TOOLKITS = sorted({cuda for one in CATALOG.frameworks.values() for cuda in one.cuda.values()})
OLD, NEW = "al2-ami-sagemaker-inference-gpu-3-1", "al2023-ami-sagemaker-inference-gpu-4-1"
BUILDS = [(one.name, version) for one in CATALOG.frameworks.values() for version in one.cuda]


def manifest(framework: str, instance_type: str, version: str = "") -> str:
    """A manifest for an instance type, of one version or of the catalogue's."""
    given = f', framework_version: "{version}"' if version else ""
    model = f"model: {{framework: {framework}{given}}}\n"
    return f"version: 1\nname: churn\n{model}endpoint: {{instance_type: {instance_type}}}\n"


CHOICES: dict[tuple[str, str], str | None] = {
    # Without an AMI a g5 has driver 470: a container with CUDA 12 does not start there.
    ("g5", "11.4"): None,
    ("g5", "12.4"): OLD,
    ("g5", "12.8"): OLD,
    ("g5", "13.0"): NEW,
    ("g4dn", "12.4"): OLD,
    ("p4d", "12.8"): OLD,
    ("p4de", "13.2"): NEW,
    # Driver 535 runs all of CUDA 12 by itself, and none of 13.
    ("g6", "12.8"): None,
    ("p5", "12.4"): None,
    ("g6", "13.0"): NEW,
    ("p5e", "12.8"): None,
    ("p5en", "13.0"): NEW,
    # No source states their default, so the AMI is always named.
    ("g6e", "12.4"): OLD,
    # Blackwell is known to CUDA 12.8 and newer, and so to the newest driver alone.
    ("g7e", "12.8"): NEW,
    ("p6-b200", "13.0"): NEW,
    ("p6-b300", "12.9"): NEW,
}


@pytest.mark.parametrize(("family", "toolkit"), CHOICES)
def test_which_machine_image_a_family_needs_for_a_toolkit(family: str, toolkit: str) -> None:
    chosen, _ = drivers.decide(CATALOG, [FAMILIES[family]], toolkit, "realtime")
    assert chosen.value == CHOICES[family, toolkit]


OBSTACLES = {
    ("g7e", "12.6", "realtime"): "the RTX PRO Server 6000 (Blackwell) is known to CUDA 12.8 and newer",
    ("p6-b300", "12.8", "realtime"): "the B300 (Blackwell Ultra) is known to CUDA 12.9 and newer",
    ("g5", "14.0", "realtime"): "the newest driver of endpoints, 580, runs CUDA 13 at most",
    ("g5", "13.0", "batch"): "batch transform's newest driver, 535, runs CUDA 12 at most",
    ("g5", "12.8", "batch"): "",
    ("g5", "13.2", "async"): "",
}


@pytest.mark.parametrize(("family", "toolkit", "mode"), OBSTACLES)
def test_what_no_host_runs(family: str, toolkit: str, mode: str) -> None:
    assert drivers.obstacle(CATALOG, FAMILIES[family], toolkit, mode) == OBSTACLES[family, toolkit, mode]


def test_a_batch_job_names_an_image_of_its_own_kind_and_needs_no_provider_for_it() -> None:
    chosen, floor = drivers.decide(CATALOG, [FAMILIES["g5"]], "12.8", "batch")
    assert (chosen.value, floor) == ("al2-ami-sagemaker-batch-gpu-535", "")
    assert chosen.reason == "CUDA 12.8 needs driver 525 or newer; this batch image has 535"


def test_a_batch_project_takes_a_build_and_a_driver_that_batch_transform_has() -> None:
    files = contents(manifest("pytorch", "ml.g5.xlarge").replace("ml.g5.xlarge", "ml.g5.xlarge, mode: batch"))
    assert "CUDA 12.8" in files["requirements.in"]
    assert 'ami_version = "al2-ami-sagemaker-batch-gpu-535"  # CUDA 12.8 needs driver 525' in files["release.toml"]
    assert "inference_ami_version" not in files["terraform/terraform.tfvars"]
    (found,) = findings(manifest("transformers", "ml.g5.xlarge").replace("ml.g5.xlarge", "ml.g5.xlarge, mode: batch"))
    assert (found.code, found.help) == ("BYO313", "use a CPU type such as ml.c7i.xlarge, or mode async")


SHADOWS: dict[str, tuple[str | None, str]] = {
    "ml.g6.xlarge": (OLD, "hosts of g5 have 470 by themselves, hosts of g6 have 535 by themselves, this image has 550"),
    "ml.g7e.2xlarge": (NEW, "no source states what hosts of g7e have by themselves, this image has 580"),
}


@pytest.mark.parametrize("shadow", SHADOWS)
def test_one_machine_image_runs_on_the_hosts_of_all_variants(shadow: str) -> None:
    both = f"ml.g5.xlarge, shadow: {{instance_type: {shadow}, sample_percent: 5}}"
    ami = generated(manifest("pytorch", "ml.g5.xlarge", "2.10.0").replace("ml.g5.xlarge", both)).plan.stack.ami_version
    assert (ami.value, ami.reason.endswith(SHADOWS[shadow][1])) == (SHADOWS[shadow][0], True)


def test_a_shadow_that_cannot_run_the_build_is_refused_at_its_line() -> None:
    both = "ml.g5.xlarge, shadow: {instance_type: ml.p6-b300.48xlarge, sample_percent: 5}"
    found = findings(manifest("pytorch", "ml.g5.xlarge", "2.10.0").replace("ml.g5.xlarge", both))
    assert [(one.code, one.key) for one in found] == [("BYO313", ("endpoint", "shadow", "instance_type"))]


@pytest.mark.parametrize("toolkit", TOOLKITS)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_a_driver_for_every_build_or_the_reason_why_not(family: str, toolkit: str) -> None:
    instance = FAMILIES[family]
    assert instance.gpu is not None
    for mode in ("realtime", "batch"):
        chosen = drivers.choose(CATALOG, [instance], toolkit, mode)
        if drivers.obstacle(CATALOG, instance, toolkit, mode):
            continue
        assert chosen is not None
        assert chosen.driver >= CATALOG.drivers.series[int(toolkit.split(".", maxsplit=1)[0])]
        assert chosen.cuda >= CATALOG.drivers.gpus[instance.gpu.model].first_cuda or chosen.driver >= 535


@pytest.mark.parametrize("toolkit", TOOLKITS)
def test_every_build_has_a_base_of_its_series_and_not_newer(toolkit: str) -> None:
    base = drivers.base_image(CATALOG, toolkit)
    assert re.fullmatch(rf"nvcr\.io/nvidia/cuda:{base.cuda}\.\d-base-ubuntu24\.04", base.reference)
    assert base.cuda.split(".")[0] == toolkit.split(".", maxsplit=1)[0]
    assert base.cuda <= toolkit


PROVIDERS = {
    ("pytorch", "ml.g5.xlarge", "2.10.0"): (
        OLD,
        "CUDA 12.8 needs driver 525 or newer; hosts of g5 have 470 by themselves, this image has 550",
        ">= 5.100, < 7",
        "the hosts' machine image is accepted from here; the rest would do with 5.70",
    ),
    ("pytorch", "ml.g5.xlarge", ""): (
        NEW,
        "CUDA 13.0 needs driver 580 or newer; hosts of g5 have 470 by themselves, this image has 580",
        ">= 6.37, < 7",
        "the hosts' machine image is accepted from here; the rest would do with 5.70",
    ),
    ("pytorch", "ml.g6.xlarge", "2.10.0"): (
        None,
        "CUDA 12.8 needs driver 525 or newer; hosts of g6 have 535 by themselves",
        ">= 5.70, < 7",
        "arguments that the stack uses exist from here",
    ),
    ("onnx", "ml.g6e.xlarge", "1.26.0"): (
        OLD,
        "CUDA 12.8 needs driver 525 or newer; no source states what hosts of g6e have by themselves, this image has 550",
        ">= 5.100, < 7",
        "the hosts' machine image is accepted from here; the rest would do with 5.70",
    ),
    ("sklearn", "ml.g5.xlarge", ""): (
        None,
        "no GPU is used, so no driver",
        ">= 5.70, < 7",
        "arguments that the stack uses exist from here",
    ),
}


@pytest.mark.parametrize(("framework", "instance_type", "version"), PROVIDERS)
def test_the_plan_says_which_driver_and_which_provider_and_why(
    framework: str, instance_type: str, version: str
) -> None:
    stack = generated(manifest(framework, instance_type, version)).plan.stack
    said = (stack.ami_version.value, stack.ami_version.reason, stack.provider.value, stack.provider.reason)
    assert said == PROVIDERS[framework, instance_type, version]


def test_without_a_version_the_first_that_the_gpu_runs_is_taken() -> None:
    image = generated(manifest("onnx", "ml.g5.xlarge")).plan.image
    assert image.framework_version.value == "1.31.1"
    assert (
        image.framework_version.reason
        == "the first ONNX Runtime in the catalogue with a build for the GPU of ml.g5.xlarge"
    )
    assert generated(manifest("onnx", "ml.m5.xlarge")).plan.image.framework_version.value == "1.32.0"


def test_a_version_that_the_gpu_does_not_run_names_those_that_it_does() -> None:
    (found,) = findings(manifest("xgboost", "ml.p6-b300.48xlarge", "3.1.3"))
    message = "XGBoost 3.1.3 is built with CUDA 12.8, which ml.p6-b300.48xlarge does not run: "
    message += "the B300 (Blackwell Ultra) is known to CUDA 12.9 and newer"
    hint = "versions that ml.p6-b300.48xlarge runs: 3.4.1, 3.3.0, 3.2.0"
    assert (found.code, found.message, found.help) == ("BYO313", message, hint)


@pytest.mark.parametrize(("framework", "version"), BUILDS)
def test_a_gpu_project_is_of_one_cuda_throughout(framework: str, version: str) -> None:
    made = generated(manifest(framework, "ml.g5.xlarge", version))
    cuda = CATALOG.frameworks[framework].cuda[version]
    files = {path: file.content.decode() for path, file in made.tree.items()}
    base = drivers.base_image(CATALOG, cuda).reference
    assert made.plan.image.cuda.value == cuda
    assert re.findall(r"^FROM (\S+)", files["Dockerfile"], re.MULTILINE) == [
        "public.ecr.aws/docker/library/python:3.12-slim-bookworm",
        "public.ecr.aws/docker/library/python:3.12-slim-bookworm",
        base,
    ]
    assert f"CUDA {cuda}" in files["requirements.in"]
    assert "requirements-torch.lock" not in files
    assert re.search(r"^nvidia-.*-cu\d\d==", files["requirements.lock"], re.MULTILINE)


@pytest.mark.parametrize("framework", ["sklearn", "lightgbm", "python"])
def test_what_uses_no_gpu_gets_the_image_for_cpus(framework: str) -> None:
    on_gpu, on_cpu = (contents(manifest(framework, name)) for name in ("ml.g5.xlarge", "ml.m5.xlarge"))
    assert on_gpu["Dockerfile"] == on_cpu["Dockerfile"]
    assert on_gpu["requirements.lock"] == on_cpu["requirements.lock"]


def test_every_gpu_of_the_catalogue_is_known() -> None:
    assert {one.gpu.model for one in FAMILIES.values() if one.gpu} == set(CATALOG.drivers.gpus)


@pytest.mark.parametrize(("framework", "version"), BUILDS)
def test_the_provider_accepts_what_the_plan_names_at_its_floor(framework: str, version: str) -> None:
    checked = json.loads((Path(derive.__file__).parent / "provider_types.json").read_text("utf-8"))
    for name in (one.name for one in CATALOG.instances.values() if one.gpu and one.provider_floor):
        loaded = load(manifest(framework, name, version).encode(), "byocgen.yaml").manifest
        assert loaded is not None
        plan, found = decide(loaded, CATALOG)
        if plan is None:
            assert {one.code for one in found} == {"BYO313"}
            continue
        ami = plan.stack.ami_version.value
        accepted = name in checked["accepted"] and (ami is None or ami in checked["amis"])
        floor = plan.stack.provider.value.split(",")[0].removeprefix(">= ")
        assert (tuple(map(int, floor.split("."))) <= (5, 100)) is accepted, (name, ami, floor)
