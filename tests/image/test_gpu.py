"""The image for GPUs, on a stand-in for NVIDIA's base: a plain Debian, which has no Python, and no library that Python needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.image import container
from tests.image.container import engine
from tests.image.images import BUILD, Image

from byocgen import catalog as catalogs
from byocgen.plan import drivers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Future
    from pathlib import Path

ON_GPU = """\
version: 1
name: churn
model: {framework: onnx, python: "3.12"}
endpoint: {instance_type: ml.g5.xlarge}
"""
STAND_IN = "debian:bookworm-slim"
ROWS = '{"instances": [[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]]}'


@pytest.fixture(scope="module")
def gpu_project(tmp_path_factory: pytest.TempPathFactory, make_project: Callable[..., Path]) -> Path:
    """A project for a GPU."""
    return make_project(tmp_path_factory.mktemp("gpu") / "project", ON_GPU)


@pytest.fixture(scope="module")
def running(gpu_project: Path, images: Mapping[str, Future[Image]], network: str) -> Iterator[container.Container]:
    """Its image, with the packages for CPUs (those for GPUs are gigabytes), as the platform starts it."""
    on_cpu = images["onnx"].result()
    shutil.copy(on_cpu.project / "requirements.lock", gpu_project)
    base = drivers.base_image(catalogs.load(), "13.0").reference
    tag = f"byocgen-test:gpu-{os.getpid()}"
    engine(*BUILD, "--build-context", f"{base}=docker-image://{STAND_IN}", "--tag", tag, str(gpu_project))
    one = container.start(tag, on_cpu.model, network=network)
    yield one
    engine("rm", "--force", "--volumes", one.name)
    engine("image", "rm", "--force", tag)


def test_python_is_whole_on_a_base_that_has_none(running: container.Container) -> None:
    answer = running.until_ready().ask("/invocations", ROWS, "application/json")
    assert answer.status == 200
    assert [max(range(3), key=row.__getitem__) for row in json.loads(answer.body)["predictions"]] == [0, 2]


def test_what_computes_is_logged(running: container.Container) -> None:
    assert running.until_logged("device")["device"] == "cpu"


def test_nothing_of_the_first_stages_but_python_is_in_it(running: container.Container) -> None:
    asked = "command -v python3.12 uv pip gcc; ls -d /build 2>/dev/null; true"
    assert engine("exec", running.name, "sh", "-c", asked).split() == ["/opt/venv/bin/python3.12"]


def test_hadolint_finds_nothing(hadolint: str, gpu_project: Path) -> None:
    command = [hadolint, "--no-color", str(gpu_project / "Dockerfile")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert (answer.returncode, answer.stdout) == (0, "")
