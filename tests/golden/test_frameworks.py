"""What a project of every framework looks like to the tools that judge it, in the environment of byocgen's own tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from byocgen import catalog as catalogs

if TYPE_CHECKING:
    from collections.abc import Callable

FRAMEWORKS = list(catalogs.load().frameworks)
COMMITTED = {"sklearn", "xgboost", "transformers"}
TOOLS: dict[str, tuple[str, ...]] = {
    "hadolint": ("hadolint", "Dockerfile"),
    "ruff check": ("ruff", "check", "--no-cache", "."),
    "ruff format": ("ruff", "format", "--check", "--no-cache", "."),
}


@pytest.fixture(scope="module", params=FRAMEWORKS)
def project(
    request: pytest.FixtureRequest, make_project: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A project of one framework after another."""
    manifest = f"version: 1\nname: churn\nmodel: {{framework: {request.param}}}\n"
    return make_project(tmp_path_factory.mktemp(request.param) / "churn", manifest)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where mypy keeps what it learnt of the libraries, for all projects."""
    return tmp_path_factory.mktemp("mypy")


def judged(project: Path, *command: str) -> str:
    """What a tool of this environment finds in a project; empty when nothing."""
    program = Path(sys.executable).with_name(command[0])
    ran = subprocess.run([program, *command[1:]], cwd=project, capture_output=True, text=True, check=False)
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


@pytest.mark.parametrize("tool", TOOLS)
def test_style(project: Path, tool: str) -> None:
    assert judged(project, *TOOLS[tool]) == ""


def test_types(project: Path, cache: Path) -> None:
    """`make lint` does the same to the frameworks whose example is committed."""
    if project.parent.name.rstrip("0123456789") in COMMITTED:
        return
    assert judged(project, "mypy", "--cache-dir", str(cache)) == ""


@pytest.mark.parametrize("project", ["python"], indirect=True)
def test_a_wrong_type_is_seen(project: Path, cache: Path) -> None:
    wrong = project / "wrong.py"
    wrong.write_text('"""A module of a user\'s."""\n\nCOUNT: int = "one"\n', "utf-8")
    assert "wrong.py:3: error: Incompatible types in assignment" in judged(project, "mypy", "--cache-dir", str(cache))
    wrong.unlink()
