"""How the image is built: what the linters say, and what stops a build."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.image.container import engine
from tests.image.images import BUILD, manifest

from byocgen import catalog as catalogs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    """Return a copy of the project to spoil."""
    return shutil.copytree(project, tmp_path / "project")


@pytest.mark.parametrize("framework", catalogs.load().frameworks)
def test_docker_finds_nothing_to_warn_of(
    framework: str, docker: str, tmp_path: Path, make_project: Callable[..., Path]
) -> None:
    folder = make_project(tmp_path / "project", manifest(framework))
    answer = subprocess.run([docker, "build", "--check", folder], capture_output=True, text=True, check=False)
    assert (answer.returncode, "no warnings found" in answer.stdout + answer.stderr) == (0, True), answer


def test_hadolint_finds_nothing_and_is_told_to_ignore_nothing(hadolint: str, project: Path) -> None:
    answer = subprocess.run(
        [hadolint, "--no-color", project / "Dockerfile"], capture_output=True, text=True, check=False, cwd="/"
    )
    assert (answer.returncode, answer.stdout) == (0, "")
    assert "hadolint" not in (project / "Dockerfile").read_text()


def test_hadolint_is_told_why_the_image_runs_as_root(
    hadolint: str, tmp_path: Path, make_project: Callable[..., Path]
) -> None:
    asked = "version: 1\nname: churn\nmodel: {framework: sklearn}\nsecurity: {run_as_root: true}\n"
    dockerfile = make_project(tmp_path / "project", asked) / "Dockerfile"
    answer = subprocess.run([hadolint, "--no-color", dockerfile], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (0, "")
    assert (
        "because security.run_as_root of the manifest says so.\n# hadolint ignore=DL3002\nUSER 0:0\n"
        in dockerfile.read_text()
    )


@pytest.mark.parametrize(
    ("instance_type", "platform"), [("ml.m5.xlarge", "linux/amd64"), ("ml.c7g.large", "linux/arm64")]
)
def test_no_frontend_no_date_and_no_platform_of_its_own(
    instance_type: str, platform: str, tmp_path: Path, make_project: Callable[..., Path]
) -> None:
    asked = f"version: 1\nname: churn\nmodel: {{framework: sklearn}}\nendpoint: {{instance_type: {instance_type}}}\n"
    folder = make_project(tmp_path / "project", asked)
    dockerfile = (folder / "Dockerfile").read_text()
    assert re.findall(r"syntax=|--platform|\d{4}-\d\d-\d\d|multi-models|@sha256", dockerfile) == []
    assert f"--platform {platform}" in (folder / "Makefile").read_text().replace("$(PLATFORM)", platform)


@pytest.mark.usefixtures("image")
def test_a_package_asked_for_and_not_locked_stops_the_build(copy: Path) -> None:
    (copy / "requirements-extra.in").write_text("tabulate>=0.9\n")
    with pytest.raises(subprocess.CalledProcessError) as failure:
        engine(*BUILD, "--target", "build", str(copy))
    # The engine repeats the failed step, and with it the message: what counts is the step's own output.
    said = re.findall(r"^#\d+ [\d.]+ (requirements-extra\.lock .*)$", failure.value.output, re.MULTILINE)
    wanted = "requirements-extra.lock lacks what requirements-extra.in asks for: run make lock, then build again"
    assert said == [wanted]


@pytest.mark.usefixtures("image")
def test_a_package_with_another_hash_stops_the_build(copy: Path) -> None:
    lock = copy / "requirements.lock"
    lock.write_text(re.sub(r"(sniffio==\S+ \\\n    --hash=sha256:)[0-9a-f]{64}", rf"\g<1>{'0' * 64}", lock.read_text()))
    with pytest.raises(subprocess.CalledProcessError) as failure:
        engine(*BUILD, "--target", "build", str(copy))
    assert "Hash mismatch for `sniffio" in failure.value.output
