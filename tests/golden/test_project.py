"""A generated project in a fresh environment of its own: its setup, its sample model, its lint, its types, its tests."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="module")
def project(make_project: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with its environment and its model."""
    manifest = f'version: 1\nname: churn\nmodel: {{framework: sklearn, python: "{PYTHON}"}}\n'
    folder = make_project(tmp_path_factory.mktemp("project") / "churn", manifest)
    make(folder, "setup", "model", f"PYTHON={sys.executable}")
    return folder


def make(folder: Path, *arguments: str) -> str:
    """Run make in a project; its output is shown when it fails."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    ran = subprocess.run(["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_model_is_reproducible(project: Path) -> None:
    first = (project / "model.tar.gz").read_bytes()
    make(project, "model")
    assert (project / "model.tar.gz").read_bytes() == first


def test_style_and_types(project: Path) -> None:
    make(project, "lint")


def test_its_own_tests(project: Path) -> None:
    assert " passed" in make(project, "test")
