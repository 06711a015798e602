"""`byocgen sync --merge`: edits and news in one file, again and again, with real git."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.unit.examples import MINIMAL
from tests.unit.repository import commit, git
from tests.unit.shown import Shown, lock_of, on_disk

from byocgen import apply
from byocgen import git as users_git
from byocgen import lock as locks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SAME = Shown(0, "", "the project is what its manifest says\n")
UPDATED = Shown(0, "", "update   serving.toml\nupdate   byocgen.lock\n")
PATH = "serving.toml"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Git has no settings of this machine, and finds no repository around the test's folder."""
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder))


def workers(project: Path, count: int) -> None:
    """Ask the manifest for so many workers."""
    (project / "byocgen.yaml").write_text(f"{MINIMAL}serving: {{workers: {count}}}\n", "utf-8")


def text(project: Path) -> str:
    """Return the managed file that these tests edit."""
    return (project / PATH).read_text("utf-8")


def edit(project: Path, old: str, new: str) -> None:
    """Edit it, and commit that."""
    assert old in text(project)
    (project / PATH).write_text(text(project).replace(old, new, 1), "utf-8")
    commit(project)


def entry(project: Path) -> dict[str, str]:
    """Return what the lock says of it."""
    found: dict[str, str] = json.loads(lock_of(project))["files"][PATH]
    return found


@pytest.fixture
def edited(project: Path) -> Path:
    """A committed project with an edit at the head of the file."""
    commit(project)
    edit(project, "# Written by byocgen", "# mine\n# Written by byocgen")
    return project


def test_an_edit_and_a_change_in_one_file(run: Callable[..., Shown], edited: Path) -> None:
    """It is recorded, clean until it is edited again, and the next merge has its base, which is in nobody's git."""
    for count in (2, 3, 1):
        workers(edited, count)
        assert run("sync").code == 1
        assert run("sync", "--merge") == UPDATED
        assert (text(edited).startswith("# mine\n# Written by"), f"workers = {count}" in text(edited)) == (True, True)
        assert list(entry(edited)) == ["ownership", "sha256", "blob", "merged", "base"]
        assert users_git.blob(edited, entry(edited)["blob"]) is None
        assert run("check") == SAME
        assert run("sync") == SAME
        commit(edited)
    edit(edited, "# mine\n", "# mine\n# and more\n")
    assert run("check").code == 1


def test_after_a_clone(run: Callable[..., Shown], edited: Path) -> None:
    """What a merge needs travels with the project."""
    workers(edited, 2)
    assert run("sync", "--merge") == UPDATED
    commit(edited)
    git(edited.parent, "clone", "--quiet", "--depth", "1", f"file://{edited}", "clone")
    os.chdir(edited.parent / "clone")
    workers(edited.parent / "clone", 3)
    assert run("sync", "--merge") == UPDATED
    assert text(edited.parent / "clone") == text(edited).replace("workers = 2", "workers = 3").replace(
        "blas_threads = 2  # 4 vCPUs for 2", "blas_threads = 1  # 4 vCPUs for 3"
    )


def test_an_edit_that_meets_no_change_is_recorded(run: Callable[..., Shown], edited: Path) -> None:
    before = text(edited)
    assert run("sync", "--merge") == Shown(0, "", "update   byocgen.lock\n")
    assert (text(edited), run("check")) == (before, SAME)


def test_a_merge_that_is_undone_leaves_nothing(
    run: Callable[..., Shown], edited: Path, make_project: Callable[..., Path]
) -> None:
    """By hand or by force: the lock is that of a fresh project again."""
    assert run("sync", "--merge").code == 0
    merged = (text(edited), lock_of(edited))
    fresh = make_project(edited.parent / "fresh")
    commit(edited)
    edit(edited, "# mine\n", "")
    assert run("sync") == Shown(0, "", "update   byocgen.lock\n")
    assert on_disk(edited) == on_disk(fresh)
    (edited / PATH).write_text(merged[0], "utf-8")
    (edited / "byocgen.lock").write_text(merged[1], "utf-8")
    commit(edited)
    workers(edited, 2)
    assert run("sync", "--force", PATH) == UPDATED
    assert on_disk(edited) == on_disk(make_project(edited.parent / "two", (edited / "byocgen.yaml").read_text("utf-8")))


@pytest.mark.parametrize("state", ["settled", "open"])
def test_an_edit_that_is_dropped_after_its_merge(
    run: Callable[..., Shown], edited: Path, make_project: Callable[..., Path], state: str
) -> None:
    """Nothing of the merge stays, though what byocgen generates is the same: the next sync has nothing to do."""
    if state == "open":
        edit(edited, "workers = ", "workers = 7  # not ")
    workers(edited, 2)
    fresh = make_project(edited.parent / "two", (edited / "byocgen.yaml").read_text("utf-8"))
    assert run("sync", "--merge").code == int(state == "open")
    merged = text(edited)
    shown = run("sync", "--force", PATH)
    assert (shown.code, shown.err.splitlines()[0]) == (2, f"error: there are edits that are not committed: {PATH}")
    assert text(edited) == merged
    commit(edited)
    assert run("sync", "--force", PATH) == UPDATED
    assert on_disk(edited) == on_disk(fresh)
    assert run("sync") == run("check") == SAME


def test_to_eject_a_merged_file(run: Callable[..., Shown], edited: Path) -> None:
    assert run("sync", "--merge").code == 0
    assert run("eject", PATH).code == 0
    assert (entry(edited)["ownership"], len(entry(edited))) == ("seeded", 3)
    assert run("check") == SAME


def test_conflicts(run: Callable[..., Shown], project: Path) -> None:
    """The markers are git's; the file is no clean one until a person has settled them."""
    commit(project)
    edit(project, "workers = 4", "workers = 9")
    workers(project, 2)
    shown = run("sync", "--merge")
    assert shown == Shown(
        1,
        "",
        "update   serving.toml\nupdate   byocgen.lock\nerror: serving.toml has 1 place to settle\n"
        "  = help: edit what is marked, then: byocgen sync --merge\n",
    )
    lines = text(project).splitlines()
    assert [line for line in lines if line[:7] in ("<<<<<<<", "=======", ">>>>>>>")] == [
        "<<<<<<< yours",
        "=======",
        ">>>>>>> byocgen now",
    ]
    assert list(entry(project)) == ["ownership", "sha256", "blob", "base"]
    assert run("check").code == 1
    before = on_disk(project)
    assert run("sync", "--merge") == Shown(
        2,
        "",
        "error: serving.toml holds conflict markers\n  = help: settle what they mark, then: byocgen sync --merge\n",
    )
    assert on_disk(project) == before
    begin, end = lines.index("<<<<<<< yours"), lines.index(">>>>>>> byocgen now")
    settled = [*lines[:begin], "workers = 7  # ours", "blas_threads = 1", *lines[end + 1 :]]
    (project / PATH).write_text("\n".join(settled) + "\n", "utf-8")
    assert run("check").code == 1
    assert run("sync", "--merge") == Shown(0, "", "update   byocgen.lock\n")
    assert text(project) == "\n".join(settled) + "\n"
    assert run("check") == SAME


def test_markers_follow_the_user_s_settings(run: Callable[..., Shown], project: Path) -> None:
    commit(project)
    git(project, "config", "merge.conflictStyle", "diff3")
    edit(project, "workers = 4", "workers = 9")
    workers(project, 2)
    assert run("sync", "--merge").code == 1
    assert "||||||| byocgen before\n" in text(project)


def test_no_base(run: Callable[..., Shown], project: Path) -> None:
    """What byocgen generates is written beside, the edited file is left alone, and that is said; then a person goes on."""
    edit(project, "# Written by byocgen", "# mine\n# Written by byocgen")
    workers(project, 2)
    mine = text(project)
    beside = project / f"{PATH}.byocgen-new"
    assert run("sync", "--merge") == Shown(
        1,
        "",
        "create   serving.toml.byocgen-new\nconflict serving.toml\nupdate   byocgen.lock\n"
        "error: serving.toml was not merged: git cannot, or does not have what byocgen wrote before\n"
        "  = help: serving.toml.byocgen-new is what byocgen writes now: take over what you want, delete it, then: "
        "byocgen sync --merge\n",
    )
    assert (text(project), beside.read_text("utf-8")) == (
        mine,
        mine.removeprefix("# mine\n")
        .replace(
            "workers = 4  # " + mine.partition("workers = 4  # ")[2].partition("\n")[0],
            "workers = 2  # the manifest says so",
        )
        .replace("blas_threads = 1  # 4 vCPUs for 4", "blas_threads = 2  # 4 vCPUs for 2"),
    )
    assert run("check").code == 1
    assert run("sync", "--merge") == Shown(
        2,
        "",
        "error: serving.toml.byocgen-new is there: the merge of serving.toml is not finished\n"
        "  = help: take over what you want of it, delete serving.toml.byocgen-new, then: byocgen sync --merge\n",
    )
    (project / PATH).write_text("# mine\n" + beside.read_text("utf-8"), "utf-8")
    beside.unlink()
    assert run("sync", "--merge") == Shown(0, "", "update   byocgen.lock\n")
    assert run("check") == SAME
    commit(project)
    workers(project, 3)
    assert run("sync", "--merge") == UPDATED
    assert (text(project).startswith("# mine\n"), "workers = 3" in text(project)) == (True, True)


def test_a_file_of_someone_s_that_lies_beside_is_not_overwritten(run: Callable[..., Shown], edited: Path) -> None:
    workers(edited, 2)
    (edited / f"{PATH}.byocgen-new").write_text("mine\n", "utf-8")
    before = on_disk(edited)
    assert run("sync", "--merge").code == 2
    assert on_disk(edited) == before


def test_without_git(run: Callable[..., Shown], edited: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(edited.parent / "nothing"))
    workers(edited, 2)
    mine = text(edited)
    assert run("sync", "--merge").code == 1
    assert text(edited) == mine
    assert (edited / f"{PATH}.byocgen-new").is_file()


def test_a_base_that_git_has_under_a_false_id(run: Callable[..., Shown], edited: Path) -> None:
    """The lock is a file in a repository: an id in it that names another content is no base."""
    lock = locks.parse(lock_of(edited).encode())
    other = git(edited, "hash-object", "-w", "inference.py").decode().strip()
    entry = locks.Entry(lock.files[PATH].ownership, lock.files[PATH].sha256, other)
    (edited / "byocgen.lock").write_bytes(locks.text(locks.Lock(1, {**lock.files, PATH: entry})))
    workers(edited, 2)
    assert run("sync", "--merge").code == 1
    assert (edited / f"{PATH}.byocgen-new").is_file()


def test_the_merge_itself(tmp_path: Path) -> None:
    base = b"".join(b"%d\n" % number for number in range(20))
    ours, theirs = base.replace(b"3\n", b"three\n", 1), base.replace(b"17\n", b"seventeen\n")
    both = ours.replace(b"17\n", b"seventeen\n")
    assert apply.merge(tmp_path, ours, base, theirs) == apply.Merged(both, 0)
    returns = ours.replace(b"\n", b"\r\n")
    assert apply.merge(tmp_path, returns, base, theirs) == apply.Merged(both.replace(b"\n", b"\r\n"), 0)
    assert apply.merge(tmp_path, b"\0", base, theirs) is None
    found = apply.merge(tmp_path, base.replace(b"17\n", b"XVII\n"), base, theirs)
    assert (found and found.conflicts) == 1


def test_merges_among_others_are_all_or_nothing(run: Callable[..., Shown], edited: Path) -> None:
    """One file that cannot be settled stops the others."""
    (edited / "Makefile").unlink()
    (edited / "Makefile").symlink_to("README.md")
    workers(edited, 2)
    before = on_disk(edited)
    assert run("sync", "--merge").code == 1
    assert on_disk(edited) == before


def test_git_itself_would_write_the_same(run: Callable[..., Shown], project: Path) -> None:
    """The merged text is what a merge of two branches gives: one with the edit, one with what byocgen writes now."""
    commit(project)
    git(project, "branch", "byocgen")
    edit(project, "workers = 4", "workers = 9")
    edit(project, "# Written by byocgen", "# mine\n# Written by byocgen")
    workers(project, 2)
    assert run("sync", "--merge").code == 1
    ours = text(project)
    git(project, "checkout", "--quiet", "-f", "byocgen")
    workers(project, 2)
    assert run("sync").code == 0
    commit(project)
    git(project, "checkout", "--quiet", "-")
    with pytest.raises(subprocess.CalledProcessError):
        git(project, "merge", "--quiet", "byocgen")
    theirs = (
        text(project).replace("<<<<<<< HEAD", "<<<<<<< yours").replace(">>>>>>> byocgen\n", ">>>>>>> byocgen now\n")
    )
    assert ours == theirs
