"""A change of a project is whole or nothing: at every line it is cut off, interrupted or refused, and two exclude each other."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.examples import MINIMAL
from tests.unit.shown import ENVIRONMENT, byocgen_process, on_disk

from byocgen import apply, disk
from byocgen import lock as locks
from byocgen.apply import changes, journal
from byocgen.errors import ByocgenError, ToolError, UsageError
from byocgen.reconcile import Action, Kind, Obstacle
from byocgen.render.tree import Ownership

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

OLD = {"kept": b"kept\n", "changed": b"old\n", "a/b/gone": b"gone\n", "a/user": b"mine\n", "solo/gone": b"gone\n"}
NEW = {"kept": b"kept\n", "changed": b"new\n", "a/user": b"mine\n", "x/y/made": b"made\n", "made": b"made too\n"}


def actions(old: dict[str, bytes], new: dict[str, bytes]) -> list[Action]:
    """Return what turns one tree into the other."""
    made = []
    for path in sorted(old.keys() | new.keys()):
        before, after = old.get(path), new.get(path)
        kind = Kind.CREATE if before is None else Kind.DELETE if after is None else Kind.UPDATE
        made.append(Action(Kind.KEEP if before == after else kind, path, Ownership.MANAGED, before, after))
    return made


ACTIONS = actions(OLD, NEW)


def make(root: Path, files: dict[str, bytes] = OLD) -> Path:
    """Write a small tree."""
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root


def below(root: Path) -> dict[str, bytes]:
    """Return every file below a folder, and every empty folder."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else b"/"
        for path in sorted(root.rglob("*"))
        if path.is_file() or not any(path.iterdir())
    }


def test_a_change(tmp_path: Path) -> None:
    apply.change(make(tmp_path), ACTIONS)
    assert below(tmp_path) == NEW
    assert not apply.pending(tmp_path)


def test_nothing_to_do_writes_nothing(tmp_path: Path) -> None:
    make(tmp_path).chmod(0o500)
    apply.change(tmp_path, [one for one in ACTIONS if one.kind is Kind.KEEP])
    assert below(tmp_path) == OLD


@pytest.mark.parametrize("mode", [0o755, 0o444, 0o600])
def test_a_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    """One made read-only holds what byocgen wrote: it is brought up to date, and stays read-only."""
    (make(tmp_path) / "changed").chmod(mode)
    apply.change(tmp_path, ACTIONS)
    assert ((tmp_path / "changed").stat().st_mode & 0o777, below(tmp_path)) == (mode, NEW)


def test_a_new_file_has_the_mode_of_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        apply.change(make(tmp_path), ACTIONS)
    finally:
        os.umask(before)
    assert [(tmp_path / path).stat().st_mode & 0o777 for path in ("made", "x", "x/y/made")] == [0o640, 0o750, 0o640]


def test_a_file_that_is_linked_hard_does_not_change_the_other(tmp_path: Path) -> None:
    root = make(tmp_path / "project")
    os.link(root / "changed", tmp_path / "other")
    apply.change(root, ACTIONS)
    assert ((tmp_path / "other").read_bytes(), below(root)) == (b"old\n", NEW)


# ---- at every line


class Point(BaseException):
    """Something ends the change: Ctrl-C, a fault of ours."""


OURS = str(Path(changes.__file__).parent)


def stopping(number: int, stop: Callable[[], None]) -> Callable[[FrameType, str, Any], Any]:
    """Return a trace function that stops at the line of that number among those that stage five runs."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.startswith(OURS):
            return None
        if event == "line":
            if count == number:
                sys.settrace(None)
                stop()
            count += 1
        return trace

    return trace


@contextlib.contextmanager
def traced(number: int, stop: Callable[[], None]) -> Iterator[None]:
    """Run with that stop, and without it after."""
    before = sys.gettrace()
    sys.settrace(stopping(number, stop))
    try:
        yield
    finally:
        sys.settrace(before)


def interrupt() -> None:
    """Raise what no `except Exception` takes."""
    raise Point


def kill() -> None:
    """End the process as SIGKILL and a power cut do: nothing of ours runs any more."""
    os._exit(9)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No line depends on how long the disk takes."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.mark.usefixtures("_quick")
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interruption_at_every_line(tmp_path: Path) -> None:
    """The old tree or the new one, never something between; the new one only when all of it was in place.

    A file that was just opened when it happened is closed by Python, which warns of it.
    """
    seen: list[str] = []
    for number in range(10_000):
        root = make(tmp_path / str(number))
        try:
            with traced(number, interrupt):
                apply.change(root, ACTIONS)
        except Point:
            # The way back itself was not interrupted, so nothing but leftovers may wait for the next run.
            assert not apply.pending(root)
            apply.recover(root)
            seen.append(which(root))
        else:
            break
    else:
        pytest.fail("the change never came to its end")
    assert which(root) == "new"
    assert len(seen) > 100
    assert seen == sorted(seen, reverse=True)  # old, old, ..., new: "old" comes after "new" in the alphabet


def which(root: Path) -> str:
    """Say which tree it is."""
    found = below(root)
    if found == OLD:
        return "old"
    # What remains to be done when a change stands is to remove the folders that it left empty.
    rest = {path: content for path, content in found.items() if content != b"/" or path not in ("solo", "a/b")}
    return "new" if rest == NEW else f"neither: {found}"


def forked(number: int, work: Callable[[], object]) -> int:
    """Run in a process of its own, killed at the line of that number; return its exit code."""
    child = os.fork()
    if child == 0:
        with traced(number, kill):
            work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


@pytest.mark.usefixtures("_quick")
def test_a_kill_at_every_line(tmp_path: Path) -> None:
    """The next run puts the old tree back, or finds the new one whole."""
    seen: list[str] = []
    for number in range(10_000):
        root = make(tmp_path / str(number))
        if forked(number, lambda root=root: apply.change(root, ACTIONS)) == 0:  # type: ignore[misc]
            break
        apply.recover(root)
        seen.append(which(root))
        assert apply.recover(root) == apply.Recovery()
        shutil.rmtree(root)
    assert which(root) == "new"
    assert len(seen) > 100
    assert seen == sorted(seen, reverse=True)


@pytest.mark.usefixtures("_quick")
def test_a_kill_at_every_line_of_the_way_back(tmp_path: Path) -> None:
    """A recovery that was killed is recovered."""
    template = half_done(make(tmp_path / "template"))
    for number in range(10_000):
        root = tmp_path / str(number)
        shutil.copytree(template, root)
        done = forked(number, lambda root=root: apply.recover(root)) == 0  # type: ignore[misc]
        apply.recover(root)
        assert below(root) == OLD
        if done:
            break
    assert number > 50


def half_done(root: Path) -> Path:
    """Leave a change that was killed when all was in place and the journal still there."""
    journal.claim(root)
    steps = [one for one in ACTIONS if one.kind is not Kind.KEEP]
    for folder in journal.prepare(root, steps).folders:
        (root / folder).mkdir()
    for index, step in enumerate(steps):
        if step.after is None:
            (root / step.path).unlink()
        else:
            (root / journal.PLACE / f"new-{index}").replace(root / step.path)
    assert apply.pending(root)
    return root


def test_what_was_written_since_the_cut_stays(tmp_path: Path) -> None:
    root = half_done(make(tmp_path))
    (root / "changed").write_bytes(b"mine\n")
    (root / "x" / "mine").write_bytes(b"mine\n")
    (root / "made").unlink()
    (root / "a" / "b" / "gone").mkdir(parents=True)
    assert apply.recover(root) == apply.Recovery(("solo/gone", "x/y/made"), ("a/b/gone", "changed"))
    assert below(root) == {**OLD, "changed": b"mine\n", "x/mine": b"mine\n", "a/b/gone": b"/"}


# ---- a disk that refuses

CALLS = ("open", "mkdir", "unlink", "rmdir", "replace", "chmod", "write_text")


def refusing(monkeypatch: pytest.MonkeyPatch, number: int, code: int) -> list[str]:
    """Let the writing call of that number, and each one that needs space after it, be refused."""
    made: list[str] = []

    def wrap(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def call(*arguments: Any, **options: Any) -> Any:
            writes = name != "open" or "w" in str(arguments[1:])
            if writes and len(made) == number:
                made.append(name)
                raise OSError(code, os.strerror(code), str(arguments[0]))
            made.extend([name] * writes)
            return real(*arguments, **options)

        monkeypatch.setattr(owner, name, call)

    for name in CALLS:
        wrap(Path, name)
    wrap(os, "fsync")
    return made


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO], ids=errno.errorcode.get)
def test_a_refusal_of_every_call(tmp_path: Path, code: int) -> None:
    old = 0
    for number in range(1000):
        root = make(tmp_path / str(number))
        with pytest.MonkeyPatch.context() as patch:
            made = refusing(patch, number, code)
            try:
                apply.change(root, ACTIONS)
            except ToolError as error:
                assert error.message.startswith(f"nothing was changed: {os.strerror(code)}")  # noqa: PT017
                old += 1
                assert below(root) == OLD
                continue
        if len(made) <= number:
            break
        # What may fail without a word: to write a folder's names through, and to clear up when the change stands.
        assert made[number] in {"fsync", "rmdir", "unlink"}
        apply.recover(root)
        assert which(root) == "new"
    assert old > 20
    assert below(root) == NEW


def test_a_full_disk(tmp_path: Path) -> None:
    """A real one, where this machine lets a test have it."""
    mount = shutil.which("mount")
    place = tmp_path / "disk"
    place.mkdir()
    command = [str(mount), "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(place)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        root = make(place / "project")
        large = actions(OLD, {**NEW, "large": b"x" * 2**18})
        with pytest.raises(ToolError) as raised:
            apply.change(root, large)
        assert raised.value.message.startswith("nothing was changed: No space left on device")
        assert below(root) == OLD
        apply.change(root, ACTIONS)
        assert below(root) == NEW
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_way_back_that_is_refused_too(tmp_path: Path) -> None:
    """The journal stays, and says so; the next run takes it back."""
    root = half_done(make(tmp_path))
    with pytest.MonkeyPatch.context() as patch:
        refusing(patch, 0, errno.EIO)
        with pytest.raises(ToolError) as raised:
            apply.recover(root)
    assert raised.value.message == "a change that was cut off could not be taken back: Input/output error"
    assert apply.pending(root)
    apply.recover(root)
    assert below(root) == OLD


# ---- a tree that is not what was compared


@pytest.mark.parametrize("how", ["edited", "deleted", "made", "linked", "below a link"])
def test_a_file_that_changed_meanwhile(tmp_path: Path, how: str) -> None:
    root = make(tmp_path / "project")
    path = {"made": "made", "below a link": "x/y/made"}.get(how, "changed")
    if how in ("edited", "made"):
        (root / path).write_bytes(b"mine\n")
    elif how == "below a link":
        (tmp_path / "elsewhere" / "y").mkdir(parents=True)
        (root / "x").symlink_to(tmp_path / "elsewhere")
    else:
        (root / path).unlink()
    if how == "linked":
        (root / path).symlink_to("kept")
    before = below(tmp_path)
    with pytest.raises(ToolError) as raised:
        apply.change(root, ACTIONS)
    assert raised.value.message == f"{path} changed while byocgen was at work"
    assert below(tmp_path) == before


# ---- the private folder

PLACES: dict[str, str] = {
    "a link": ".byocgen-sync is no folder",
    "a file": ".byocgen-sync is no folder",
    "someone's folder": ".byocgen-sync holds files that byocgen did not write",
    "a damaged journal": ".byocgen-sync/journal is damaged",
    "a journal that leaves the project": ".byocgen-sync/journal is damaged",
}


@pytest.mark.parametrize("case", PLACES)
def test_a_private_folder_that_is_none_of_ours(tmp_path: Path, case: str) -> None:
    root = make(tmp_path / "project")
    outside = make(tmp_path / "outside", {"journal": b"{}", "old-0": b"evil\n", "victim": b"v\n"})
    place = root / ".byocgen-sync"
    if case == "a link":
        place.symlink_to(outside)
    elif case == "a file":
        place.write_bytes(b"")
    elif case == "someone's folder":
        make(place, {"mine": b"mine\n"})
    else:
        step = {"path": "../outside/victim", "before": locks.blob(b"evil\n"), "after": locks.blob(b"v\n")}
        text = json.dumps({"steps": [step], "folders": []}) if case.startswith("a journal") else "{"
        make(place, {"journal": text.encode(), "old-0": b"evil\n"})
    before = below(tmp_path)
    with pytest.raises(ToolError) as raised:
        apply.recover(root)
    assert raised.value.message == PLACES[case]
    assert below(tmp_path) == before


def test_leftovers_without_a_journal_are_cleared(tmp_path: Path) -> None:
    root = make(tmp_path)
    make(root / ".byocgen-sync", {"new-0": b"x", "old-12": b"y", ".gitignore": b"*\n", "journal.part": b"{"})
    assert apply.recover(root) == apply.Recovery()
    assert below(root) == OLD


# ---- two runs


def test_two_runs_at_once(tmp_path: Path) -> None:
    with apply.alone(tmp_path), pytest.raises(ToolError) as raised, apply.alone(tmp_path):
        pass
    assert (raised.value.message, raised.value.hint) == (
        "another byocgen is changing this project",
        "try again when it is done",
    )
    with apply.alone(tmp_path):
        pass


def test_two_runs_where_the_file_system_has_no_locks(tmp_path: Path) -> None:
    root = make(tmp_path)
    journal.claim(root)
    with pytest.raises(ToolError) as raised:
        apply.change(root, ACTIONS)
    assert raised.value.message == "another byocgen is changing this project"
    assert {**OLD, ".byocgen-sync": b"/"} == below(root)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised, apply.alone(tmp_path / "nowhere"):
        pass
    assert raised.value.message == f"the folder {tmp_path / 'nowhere'} cannot be opened: No such file or directory"


# ---- the command, as a process

SLOW = """\
import os, pathlib, sys, time
from byocgen import cli
real = pathlib.Path.replace
def replace(path, target):
    result = real(path, target)
    if path.name.startswith("new-"):
        print("renamed", flush=True)
        time.sleep(60)
    return result
pathlib.Path.replace = replace
sys.argv = ["byocgen", "sync"]
cli.main()
"""


@contextlib.contextmanager
def slow_sync(project: Path) -> Iterator[subprocess.Popen[str]]:
    """Run `byocgen sync` until its first file is in place, and it sleeps."""
    (project / "byocgen.yaml").write_text(MINIMAL.replace("churn", "fraud"), "utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", SLOW], cwd=project, env=ENVIRONMENT, stdout=-1, stderr=-1, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "renamed\n"
        yield running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_between_two_files(project: Path, number: signal.Signals) -> None:
    before = {path: text for path, text in on_disk(project).items() if path != "byocgen.yaml"}
    with slow_sync(project) as running:
        running.send_signal(number)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (130, "", "")
    assert {path: text for path, text in on_disk(project).items() if path != "byocgen.yaml"} == before


def test_a_kill_between_two_files(project: Path) -> None:
    """Nobody takes half a project for a whole one, and the next run mends it."""
    with slow_sync(project) as running:
        busy = byocgen_process("sync")
        compared = byocgen_process("check")
        running.kill()
    wait = "error: another byocgen is changing this project\n  = help: try again when it is done\n"
    assert (busy.returncode, busy.stdout, busy.stderr.decode()) == (2, b"", wait)
    unfinished = (
        "error: a change of this project is not complete\n"
        "  = help: wait for it, or where it was cut off: byocgen sync, which puts the files back first\n"
    )
    assert (compared.returncode, compared.stderr.decode()) == (2, unfinished)
    assert byocgen_process("diff").stderr.decode() == unfinished
    assert byocgen_process("sync", "--dry-run").stderr.decode() == unfinished
    again = byocgen_process("sync")
    assert again.returncode == 0
    assert again.stderr.startswith(b"an earlier change was cut off; put back: ")
    assert byocgen_process("check").returncode == 0


def test_git_does_not_see_what_a_kill_left(project: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
    with slow_sync(project) as running:
        running.kill()
    listed = subprocess.run(["git", "status", "--short", "-uall"], cwd=project, check=True, capture_output=True)
    assert b".byocgen-sync" not in listed.stdout
    assert (project / ".byocgen-sync" / "journal").is_file()


def folders_above(root: Path) -> list[Path]:
    """Give those that pytest made for its owner only."""
    return [path for path in root.parents if "pytest-" in path.as_posix()]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be someone else")
def test_a_folder_made_read_only(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = make(tmp_path_factory.mktemp("read-only"))
    for path in (*folders_above(root), root):
        path.chmod(0o755)
    os.seteuid(65534)
    try:
        with pytest.raises(ByocgenError) as raised:
            apply.change(root, ACTIONS)
    finally:
        os.seteuid(0)
    assert raised.value.message.startswith("nothing was changed: Permission denied")
    assert below(root) == OLD


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be someone else")
def test_a_folder_below_made_read_only(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = make(tmp_path_factory.mktemp("read-only-below"))
    for path in folders_above(root):
        path.chmod(0o755)
    for path in (root, *root.rglob("*")):
        os.chown(path, 65534, 65534)
    (root / "a" / "b").chmod(0o555)
    os.seteuid(65534)
    try:
        with pytest.raises(ByocgenError) as raised:
            apply.change(root, ACTIONS)
        unreadable = root / "kept"
        unreadable.chmod(0)
        found = disk.look(root, "kept")
    finally:
        os.seteuid(0)
    assert raised.value.message.startswith("nothing was changed: Permission denied")
    assert found == Obstacle("kept cannot be read: Permission denied")
    assert below(root) == OLD
