"""`byocgen check --format github`: annotations that GitHub shows, and text that no runner obeys."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from tests.unit.examples import MINIMAL
from tests.unit.repository import git
from tests.unit.shown import Shown

from byocgen import github
from byocgen.github import Annotation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_repository(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Git finds no repository around the test's folder."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))


COMMANDS: dict[str, tuple[Annotation, str]] = {
    "whole": (
        Annotation("error", "wrong", "a/b", 3, 7, "BYO101"),
        "::error file=a/b,line=3,col=7,title=BYO101::wrong\n",
    ),
    "a file": (Annotation("warning", "wrong", "a"), "::warning file=a::wrong\n"),
    "signs in a message": (Annotation("notice", "1%0A: a,\r\nb::c", "a"), "::notice file=a::1%250A: a,%0D%0Ab::c\n"),
    "signs in a property": (
        Annotation("error", "m", "a,b:c%\nd", 0, 0, "x::error::y"),
        "::error file=a%2Cb%3Ac%25%0Ad,title=x%3A%3Aerror%3A%3Ay::m\n",
    ),
}


@pytest.mark.parametrize("case", COMMANDS)
def test_a_command(case: str) -> None:
    one, expected = COMMANDS[case]
    assert github.command(one) == expected


def test_what_is_fenced_cannot_end_the_fence() -> None:
    text = "::error::x\n::stop-commands::y\n"
    first, *lines, last = github.fenced(text).splitlines()
    word = first.removeprefix("::stop-commands::")
    assert (lines, last) == (text.splitlines(), f"::{word}::")
    assert word not in text
    assert github.fenced(github.fenced(text)).count(word) == 2
    assert github.fenced("") == ""


@pytest.mark.usefixtures("project")
def test_a_clean_project_says_nothing(run: Callable[..., Shown]) -> None:
    assert run("check", "--format", "github") == Shown(0)


FENCE = re.compile(r"^::stop-commands::(byocgen-[0-9a-f]{32})\n(.*\n)::\1::\n\Z", re.DOTALL | re.MULTILINE)


def test_drift(run: Callable[..., Shown], project: Path) -> None:
    lines = (project / "serving.toml").read_text("utf-8").splitlines()
    lines[4] = "::error::obey me"
    (project / "serving.toml").write_text("\n".join(lines) + "\n", "utf-8")
    (project / "release" / "__init__.py").unlink()
    shown = run("check", "--format", "github")
    assert (shown.code, shown.err) == (1, "")
    found = FENCE.search(shown.out)
    assert found is not None
    assert shown.out[: found.start()] == (
        "::error file=release/__init__.py,line=1,title=byocgen check::this is not what the manifest says%0A"
        "mend it with: byocgen sync\n"
        "::error file=serving.toml,line=5,title=byocgen check::serving.toml is managed and was edited%0A"
        "keep the edit: byocgen sync --merge; drop it: byocgen sync --force serving.toml; "
        "make the file yours: byocgen eject serving.toml\n"
    )
    assert found.group(2) == run("diff").out


def test_a_project_below_the_top_of_its_repository(run: Callable[..., Shown], project: Path) -> None:
    """GitHub wants paths from the repository's top."""
    git(project.parent, "init", "--quiet")
    (project / "serving.toml").unlink()
    assert run("check", "--format", "github").out.startswith("::error file=churn/serving.toml,line=1,")
    os.chdir(project.parent)
    assert run("check", "--format", "github", "-C", "churn").out.startswith(
        "::error file=churn/serving.toml,line=1,title=byocgen check::this is not what the manifest says%0A"
        "mend it with: byocgen sync -C churn\n"
    )


def test_outside_of_a_repository_paths_are_as_given(run: Callable[..., Shown], project: Path) -> None:
    (project / "serving.toml").unlink()
    os.chdir(project.parent)
    assert run("check", "--format", "github", "-C", "churn").out.startswith("::error file=churn/serving.toml,")


def test_a_bad_manifest_is_annotated_at_its_lines(run: Callable[..., Shown], project: Path) -> None:
    (project / "byocgen.yaml").write_text(MINIMAL + "colour: red\nserving: {workers: 0}\n", "utf-8")
    shown = run("check", "--format", "github")
    assert (shown.code, shown.err) == (1, "")
    assert [line.partition("::")[2].partition("::")[0] for line in shown.out.splitlines()] == [
        "error file=byocgen.yaml,line=4,col=1,title=BYO202",
        "error file=byocgen.yaml,line=5,col=20,title=BYO205",
    ]


def test_a_warning_is_one(run: Callable[..., Shown], project: Path) -> None:
    (project / "byocgen.yaml").write_text(MINIMAL + "serving: {workers: 8}\n", "utf-8")
    assert run("sync").code == 0
    shown = run("check", "--format", "github")
    assert (shown.code, shown.out[:58]) == (0, "::warning file=byocgen.yaml,line=4,col=20,title=BYO354::8 ")


@pytest.mark.usefixtures("project")
def test_two_forms_at_once(run: Callable[..., Shown]) -> None:
    assert run("check", "--format", "github", "--json") == Shown(
        2, "", "error: --json and --format github exclude each other\n  = help: leave one of them out\n"
    )
    assert run("check", "--format", "gitlab").code == 2
