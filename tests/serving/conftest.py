"""The serving app of a generated project, in two forms: importable where it stands, and as a project that runs.

`serving` is one package in two layers; here its path names both folders, so that what is tested in process is the file
in the repository. What runs is a project as `byocgen new` writes it, with settings and an inference.py of the test's own.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

SCAFFOLDS = Path(__file__).resolve().parents[2] / "scaffolds"
LAYERS = [SCAFFOLDS / layer / "{{cookiecutter.folder}}" for layer in ("base", "sklearn")]
sys.dont_write_bytecode = True  # what lies in scaffolds/ is copied and shipped
sys.path[:0] = [str(Path(__file__).parent), str(LAYERS[0])]

from app_under_test import Assemble, Start, launch, serving_toml  # noqa: E402

import serving  # noqa: E402

serving.__path__.append(str(LAYERS[1] / "serving"))


@pytest.fixture(scope="session")
def rendered(make_project: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shortest manifest's project."""
    return make_project(tmp_path_factory.mktemp("rendered") / "churn")


@pytest.fixture(scope="session")
def iris_model(rendered: Path) -> Path:
    """The model folder that train.py makes."""
    subprocess.run([sys.executable, "train.py"], cwd=rendered, check=True, capture_output=True)
    return rendered / "model"


@pytest.fixture(scope="session")
def assemble(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Assemble:
    """Make a project with an inference.py and a serving.toml of the test's own."""

    def make(inference: str = "", inputs: list[dict[str, Any]] | None = None, **server: Any) -> Path:
        project = tmp_path_factory.mktemp("project")
        shutil.copytree(rendered / "serving", project / "serving")
        (project / "inference.py").write_text(inference, encoding="utf-8")
        (project / "serving.toml").write_text(serving_toml(inputs or [], **server), encoding="utf-8")
        return project

    return make


@pytest.fixture(scope="module")
def keep() -> Iterator[Start]:
    """Start servers that live as long as the module's tests; do not wait for their models."""
    with ExitStack() as stack:
        yield lambda project, model, **environ: launch(stack, project, model, environ)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start servers that live as long as one test."""
    with ExitStack() as stack:
        yield lambda project, model, **environ: launch(stack, project, model, environ)
