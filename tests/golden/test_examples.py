"""`examples/` is what `byocgen sync` makes of their manifests today, file by file; what a project holds is checked too."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from byocgen import catalog as catalogs
from byocgen import cli, workflow

EXAMPLES = Path(__file__).parents[2] / "examples"
FOLDERS = sorted(path.parent for path in EXAMPLES.glob("*/byocgen.yaml"))


MANIFESTS = sorted((EXAMPLES / "manifests").glob("*.yaml"))
"""Examples without their output."""


def test_every_framework_has_an_example() -> None:
    assert [folder.name for folder in FOLDERS] == ["churn-sklearn", "fraud-xgboost", "reviews-transformers"]
    files = [*(folder / "byocgen.yaml" for folder in FOLDERS), *MANIFESTS]
    used = [workflow.generate(path.read_bytes(), path.name).manifest.model.framework for path in files]
    assert set(used) == set(catalogs.load().frameworks)


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.stem)
def test_a_manifest_gives_a_project_without_a_warning_but_of_its_sample(manifest: Path) -> None:
    made = workflow.generate(manifest.read_bytes(), manifest.name)
    assert made.manifest.model.framework == manifest.stem.removesuffix("-gpu")
    assert {one.code for one in made.warnings} <= {"BYO353"}
    assert len(made.tree) > 80


def committed(example: Path) -> dict[str, bytes]:
    """Return every file that stands in an example, but for what git ignores: a person may have run it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "."],
        cwd=example,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    return {path: (example / path).read_bytes() for path in sorted(listed) if path and (example / path).is_file()}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_example_is_what_sync_makes(folder: Path, tmp_path: Path) -> None:
    """`byocgen check` compares what is managed; this compares all, what is the user's and what is left over included."""
    shutil.copyfile(folder / "byocgen.yaml", tmp_path / "byocgen.yaml")
    assert cli.run(["sync", "-C", str(tmp_path)]) == 0
    made = {path.relative_to(tmp_path).as_posix(): path for path in sorted(tmp_path.rglob("*")) if path.is_file()}
    standing = committed(folder)
    assert [*made] == sorted(standing, key=lambda path: Path(path).parts), "make examples"
    assert [path for path in made if made[path].read_bytes() != standing[path]] == [], "make examples"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_example_is_checked(folder: Path) -> None:
    assert cli.run(["check", "-C", str(folder)]) == 0
