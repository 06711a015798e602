"""The page about living with a generated project: what it shows is what byocgen says, and every command in it exists."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer.main
from tests.unit.asking import generated
from tests.unit.examples import MINIMAL
from tests.unit.shown import Shown

from byocgen import cli
from byocgen.render.tree import Ownership

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "living-with-a-generated-project.md").read_text("utf-8")
SHOWN = re.findall(r"^```console\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
TYPED = sorted({line.strip() for line in re.findall(r"byocgen [a-z]+[^`#\n;]*", PAGE)})


def test_the_page_shows_commands() -> None:
    assert {"byocgen diff", "byocgen sync", "byocgen check --format github", "byocgen upgrade"} <= set(TYPED)


@pytest.mark.parametrize("typed", [one for one in TYPED if re.match(r"byocgen [a-z]+( -|$| [A-Z.a-z/]+$)", one)])
def test_every_command_and_option_of_the_page_exists(typed: str) -> None:
    _, name, *words = typed.split()
    commands = typer.main.get_group(cli.app).commands
    if name in commands:
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known
    else:
        assert name in SENTENCES


SENTENCES = {"is", "has", "does", "and", "never", "would", "wrote", "writes", "changes", "gets", "did"}
"""What follows the name in prose."""


def test_the_page_names_what_is_seeded() -> None:
    seeded = {path for path, file in generated(MINIMAL).tree.items() if file.ownership is Ownership.SEEDED}
    [row] = [line for line in PAGE.splitlines() if line.startswith("| yours from the first day")]
    assert set(re.findall(r"`([^`]+)`", row)) == seeded - {"byocgen.yaml"}


def test_a_changed_manifest(run: Callable[..., Shown], project: Path) -> None:
    text = (project / "byocgen.yaml").read_text("utf-8")
    (project / "byocgen.yaml").write_text(text + "serving: {timeout_seconds: 30}\n", "utf-8")
    shown = run("sync", "--dry-run")
    assert shown.out in SHOWN
    assert run("sync") == Shown(0, "", shown.out)


def test_an_edited_file(run: Callable[..., Shown], project: Path) -> None:
    (project / "Dockerfile").write_bytes((project / "Dockerfile").read_bytes() + b"# mine\n")
    shown = run("sync")
    assert shown.code == 1
    assert shown.err in SHOWN


def test_a_notice_about_a_seeded_file(run: Callable[..., Shown], project: Path) -> None:
    """An earlier byocgen began the file with something else."""
    (project / "inference.py").write_text("# mine\n", "utf-8")
    lock = json.loads((project / "byocgen.lock").read_text("utf-8"))
    lock["files"]["inference.py"]["sha256"] = "0" * 64
    (project / "byocgen.lock").write_text(json.dumps(lock), "utf-8")
    shown = run("sync")
    assert shown.code == 0
    assert shown.err in SHOWN
