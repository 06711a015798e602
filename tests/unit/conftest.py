"""Fixtures of the command line: a folder to be in, a way to run a command, a project."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.unit import artifacts
from tests.unit.shown import Shown

from byocgen import cli
from byocgen.diagnostics import DOCS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, and a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Shown]:
    """Return `run(*arguments) -> Shown`, with DOCS for the page of the codes."""

    def one(*arguments: str) -> Shown:
        code = cli.run(list(arguments))
        out, err = capsys.readouterr()
        return Shown(code, out.replace(DOCS, "DOCS"), err.replace(DOCS, "DOCS"))

    return one


@pytest.fixture
def project(folder: Path, make_project: Callable[..., Path]) -> Path:
    """A fresh project, and the folder to be in."""
    os.chdir(make_project(folder / "churn"))
    return folder / "churn"


@pytest.fixture(name="pickled", scope="session")
def _pickled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder of pickled models and boosters' files, and the models by their files' names."""
    folder = tmp_path_factory.mktemp("pickled")
    return folder, artifacts.pickles(folder)
