"""`examples/` is what their manifests give today, file by file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from derive import examples

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = sorted(path.parent for path in examples.EXAMPLES.glob("*/byocgen.yaml"))


def test_there_is_an_example() -> None:
    assert [folder.name for folder in FOLDERS] == ["churn-sklearn"]


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
