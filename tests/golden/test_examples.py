"""`examples/` is what their manifests give today, file by file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from byocgen import catalog as catalogs
from byocgen import workflow
from derive import examples

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = sorted(path.parent for path in examples.EXAMPLES.glob("*/byocgen.yaml"))


MANIFESTS = sorted((examples.EXAMPLES / "manifests").glob("*.yaml"))
"""Examples without their output."""


def test_every_framework_has_an_example() -> None:
    assert [folder.name for folder in FOLDERS] == ["churn-sklearn", "fraud-xgboost", "reviews-transformers"]
    files = [*(folder / "byocgen.yaml" for folder in FOLDERS), *MANIFESTS]
    used = [workflow.generate(path.read_bytes(), path.name).manifest.model.framework for path in files]
    assert sorted(used) == sorted(catalogs.load().frameworks)


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.stem)
def test_a_manifest_gives_a_project_without_a_warning_but_of_its_sample(manifest: Path) -> None:
    made = workflow.generate(manifest.read_bytes(), manifest.name)
    assert made.manifest.model.framework == manifest.stem
    assert {one.code for one in made.warnings} <= {"BYO353"}
    assert len(made.tree) > 80


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_example_is_up_to_date(folder: Path) -> None:
    assert examples.differences(folder) == "", "make examples"


def test_an_edited_example_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(examples, "EXAMPLES", tmp_path)
    folder = tmp_path / "churn-sklearn"
    folder.mkdir()
    (folder / "byocgen.yaml").write_bytes((FOLDERS[0] / "byocgen.yaml").read_bytes())
    monkeypatch.setattr(examples, "committed", lambda _: {**examples.expected(folder), "Makefile": b"edited\n"})
    difference = examples.differences(folder)
    assert difference.startswith(f"--- a/{folder.relative_to(tmp_path.parent)}/Makefile\n")
    assert "-edited\n" in difference
