"""The wheel: it holds what git holds and nothing else, and alone it generates the same bytes as the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from byocgen import workflow

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = b"version: 1\nname: churn\nmodel: {framework: sklearn}\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True)
    (made,) = folder.glob("*.whl")
    return made


def tracked(folder: str) -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return {path for path in listed.split("\0") if path}


def test_wheel_holds_what_git_holds(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    package = {path.removeprefix("generator/") for path in tracked("generator/byocgen")}
    bundle = {f"byocgen/_bundle/{path}" for folder in ("templates", "scaffolds") for path in tracked(folder)}
    assert names == package | bundle


def test_wheel_alone_generates_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    (tmp_path / "byocgen.yaml").write_bytes(MANIFEST)
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    where = subprocess.run(
        [sys.executable, "-c", "import byocgen; print(byocgen.__file__)"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    assert Path(where).is_relative_to(installed)
    subprocess.run(
        [sys.executable, "-m", "byocgen", "new", "--manifest", "byocgen.yaml"],
        cwd=tmp_path,
        env=environment,
        check=True,
    )
    tree = workflow.generate(MANIFEST, "byocgen.yaml").tree
    made = tmp_path / "churn"
    written = {path.relative_to(made).as_posix(): path.read_bytes() for path in made.rglob("*") if path.is_file()}
    written.pop("byocgen.lock")
    assert written == {path: file.content for path, file in tree.items()}
