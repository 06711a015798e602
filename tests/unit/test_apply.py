"""A project is made whole or not at all, whatever interrupts it, and nothing of anyone's is overwritten."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from byocgen import apply
from byocgen.apply import Copy
from byocgen.errors import ByocgenError, ToolError, UsageError
from byocgen.reconcile import Action, Kind
from byocgen.render.tree import Ownership

FILES = {"Makefile": b"all:\n", "serving/app.py": b"\n", "terraform/modules/s3/main.tf": b""}
ACTIONS = [Action(Kind.CREATE, path, Ownership.MANAGED, None, content) for path, content in FILES.items()]


def below(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, with its content; empty folders with a slash."""
    return {
        path.relative_to(folder).as_posix() + "/" * path.is_dir(): b"" if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() or not any(path.iterdir())
    }


def failure(target: Path, *copies: Copy) -> tuple[type[ByocgenError], str, str]:
    """Return how making the project fails."""
    with pytest.raises(ByocgenError) as raised:
        apply.create(ACTIONS, target, copies)
    return type(raised.value), raised.value.message, raised.value.hint


def test_a_new_folder(tmp_path: Path) -> None:
    apply.create(ACTIONS, tmp_path / "churn")
    assert below(tmp_path) == {f"churn/{path}": content for path, content in FILES.items()}


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "churn").mkdir()
    apply.create(ACTIONS, tmp_path / "churn")
    assert below(tmp_path) == {f"churn/{path}": content for path, content in FILES.items()}


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077])
def test_modes_follow_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        apply.create(ACTIONS, tmp_path / "churn")
    finally:
        after = os.umask(before)
    assert after == mask
    modes = {path: (tmp_path / path).stat().st_mode & 0o777 for path in ("churn", "churn/serving", "churn/Makefile")}
    assert modes == {"churn": 0o777 & ~mask, "churn/serving": 0o777 & ~mask, "churn/Makefile": 0o666 & ~mask}


@pytest.mark.parametrize("what", ["a file", ".hidden", "a folder/"])
def test_a_folder_that_holds_anything_is_refused(tmp_path: Path, what: str) -> None:
    target = tmp_path / "churn"
    target.mkdir()
    if what.endswith("/"):
        (target / what).mkdir()
    else:
        (target / what).write_bytes(b"mine")
    before = below(tmp_path)
    assert failure(target) == (
        UsageError,
        f"{target} is not empty",
        "choose another name, or --output another folder",
    )
    assert below(tmp_path) == before


@pytest.mark.parametrize("what", ["file", "link to a folder", "dangling link"])
def test_a_file_or_a_link_is_refused(tmp_path: Path, what: str) -> None:
    target, elsewhere = tmp_path / "churn", tmp_path / "elsewhere"
    if what == "file":
        target.write_bytes(b"mine")
    elif what == "link to a folder":
        elsewhere.mkdir()
        target.symlink_to(elsewhere)
    else:
        target.symlink_to(elsewhere)
    assert failure(target) == (UsageError, f"{target} is a file or a link", "choose another name, or move it away")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["churn"] + ["elsewhere"] * (what == "link to a folder")
    assert not elsewhere.exists() or not any(elsewhere.iterdir())


def test_a_parent_that_is_not_there(tmp_path: Path) -> None:
    target = tmp_path / "missing" / "churn"
    assert failure(target) == (
        UsageError,
        f"the folder {target.parent} does not exist",
        f"make it first: mkdir -p {target.parent}",
    )
    assert below(tmp_path) == {}


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    target = tmp_path / ("n" * 300)
    assert failure(target) == (ToolError, f"{target} cannot be looked at: File name too long", "")
    assert below(tmp_path) == {}


def test_a_name_that_leaves_no_room(tmp_path: Path) -> None:
    """The private name beside it is longer by a few characters."""
    assert failure(tmp_path / ("n" * 250)) == (ToolError, f"cannot write into {tmp_path}: File name too long", "")
    assert below(tmp_path) == {}


# ---- the model


def test_a_model_is_copied(tmp_path: Path) -> None:
    (tmp_path / "m.joblib").write_bytes(b"\0model")
    apply.create(ACTIONS, tmp_path / "churn", [Copy(tmp_path / "m.joblib", "artifacts/model v2.joblib")])
    assert below(tmp_path / "churn") == {**FILES, "artifacts/model v2.joblib": b"\0model"}
    assert (tmp_path / "m.joblib").read_bytes() == b"\0model"


def test_a_folder_of_models_is_copied(tmp_path: Path) -> None:
    (tmp_path / "models" / "deep").mkdir(parents=True)
    (tmp_path / "models" / "deep" / "a.bin").write_bytes(b"a")
    apply.create(ACTIONS, tmp_path / "churn", [Copy(tmp_path / "models", "artifacts")])
    assert below(tmp_path / "churn") == {**FILES, "artifacts/deep/a.bin": b"a"}


@pytest.mark.parametrize("source", [".", ".."])
def test_a_folder_that_holds_the_project_is_not_copied_into_it(tmp_path: Path, source: str) -> None:
    target = tmp_path / "work" / "churn"
    target.parent.mkdir()
    assert failure(target, Copy(target.parent / source, "artifacts"))[:2] == (
        UsageError,
        f"{target.parent / source} holds {target}, so it cannot be copied into it",
    )
    assert below(tmp_path) == {"work/": b""}


# ---- failures on the way


def test_a_model_that_vanished(tmp_path: Path) -> None:
    target = tmp_path / "churn"
    assert failure(target, Copy(tmp_path / "m.joblib", "m.joblib")) == (
        ToolError,
        f"{target} was not made: No such file or directory",
        "nothing was left behind",
    )
    assert below(tmp_path) == {}


def test_a_model_that_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    target = tmp_path / "churn"
    kind, message, hint = failure(target, Copy(tmp_path / "pipe", "m.joblib"))
    assert (kind, message, hint) == (
        ToolError,
        f"{target} was not made: `{tmp_path / 'pipe'}` is a named pipe",
        "nothing was left behind",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_folder_of_models_with_a_broken_link(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a").symlink_to("nowhere")
    kind, message, _ = failure(tmp_path / "churn", Copy(tmp_path / "models", "models"))
    assert kind is ToolError
    assert message.startswith(f"{tmp_path / 'churn'} was not made: ")
    assert [path.name for path in tmp_path.iterdir()] == ["models"]


@pytest.mark.parametrize("write", range(len(FILES)))
@pytest.mark.parametrize("there", ["absent", "an empty folder"])
def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: int, there: str) -> None:
    target = tmp_path / "churn"
    if there != "absent":
        target.mkdir()
    fail_at(monkeypatch, write, OSError(errno.ENOSPC, "No space left on device"))
    assert failure(target) == (
        ToolError,
        f"{target} was not made: No space left on device",
        "nothing was left behind",
    )
    assert below(tmp_path) == ({} if there == "absent" else {"churn/": b""})


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, MemoryError])
def test_an_interruption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    fail_at(monkeypatch, 1, error())
    with pytest.raises(error):
        apply.create(ACTIONS, tmp_path / "churn")
    assert below(tmp_path) == {}


def test_a_folder_that_was_filled_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "churn"
    real = Path.write_bytes

    def write(path: Path, content: bytes) -> int:
        target.mkdir(exist_ok=True)
        real(target / "mine", b"mine")
        return real(path, content)

    monkeypatch.setattr(Path, "write_bytes", write)
    assert failure(target)[:2] == (ToolError, f"{target} was not made: Directory not empty")
    monkeypatch.undo()
    assert below(tmp_path) == {"churn/mine": b"mine"}


def fail_at(monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException) -> None:
    """Let the write of that number fail, half done."""
    real = Path.write_bytes
    written: list[Path] = []

    def write(path: Path, content: bytes) -> int:
        if len(written) == number:
            real(path, content[:1])
            raise error
        written.append(path)
        return real(path, content)

    monkeypatch.setattr(Path, "write_bytes", write)


SLOW = """\
import pathlib, sys, time
from byocgen import cli
real = pathlib.Path.write_bytes
def write(path, content):
    real(path, content)
    print("written", flush=True)
    time.sleep(60)
pathlib.Path.write_bytes = write
sys.argv = ["byocgen", "new", "churn", "--framework", "sklearn"]
cli.main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_half_way(tmp_path: Path, number: signal.Signals) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", SLOW],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        assert [path.name[:7] for path in tmp_path.iterdir()] == [".churn-"]
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "")
    assert below(tmp_path) == {}


# ---- the last line of defence


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x"])
def test_no_path_leaves_the_project(tmp_path: Path, path: str) -> None:
    (tmp_path / "m").write_bytes(b"m")
    with pytest.raises(AssertionError, match="leaves the project"):
        apply.create([Action(Kind.CREATE, path, Ownership.MANAGED, None, b"")], tmp_path / "churn")
    with pytest.raises(AssertionError, match="leaves the project"):
        apply.create(ACTIONS, tmp_path / "churn", [Copy(tmp_path / "m", path)])
    assert below(tmp_path) == {"m": b"m"}
