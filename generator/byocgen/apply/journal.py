"""What makes a change whole or nothing: everything is prepared in one folder of the project before any file changes.

Rules: `new-N` is what step N puts in place, `old-N` what stood there. The journal names the steps, and is itself renamed
into place when all of that is safely on disk: from then on an end of any kind, power included, can be taken back by
what lies here. Taking back may be cut off too and done again. It touches a file only where that is what the change left
there; what anyone wrote since stays. Without a journal the folder is leftovers, and no file of the project changed.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as validated

from byocgen import disk
from byocgen.apply.busy import BUSY, LATER
from byocgen.errors import ToolError
from byocgen.lock import CONFIG, Hex, blob, inside
from byocgen.reconcile import Obstacle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from byocgen.reconcile import Action

PLACE = ".byocgen-sync"
_NAME = "journal"
_OURS = re.compile(r"(new|old)-\d+|journal|journal\.part|\.gitignore")
PathInside = Annotated[str, AfterValidator(inside)]


@validated(frozen=True, config=CONFIG)
class Step:
    """One file: the ids of what stood there and of what comes; None for nothing."""

    path: PathInside
    before: Hex | None
    after: Hex | None


@validated(frozen=True, config=CONFIG)
class Journal:
    """Steps in their order, and the folders that are made for them, outer ones first."""

    steps: tuple[Step, ...]
    folders: tuple[PathInside, ...]


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was taken back: the paths put back, and those left alone because someone wrote there since."""

    undone: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def pending(root: Path) -> bool:
    """Tell whether a change is at work or was cut off."""
    return os.path.lexists(root / PLACE / _NAME)


def claim(root: Path) -> None:
    """Make the folder, which only one run can.

    Raises:
        ToolError: another run has made it.
    """
    try:
        (root / PLACE).mkdir()
    except FileExistsError as error:
        raise ToolError(BUSY, LATER) from error


def prepare(root: Path, steps: Sequence[Action]) -> Journal:
    """Write everything that the steps need, then the journal; no file of the project changes."""
    place = root / PLACE
    (place / ".gitignore").write_text("*\n", "utf-8")
    for index, step in enumerate(steps):
        mode = _mode(root / step.path)
        if step.before is not None:
            write(place / f"old-{index}", step.before, mode)
        if step.after is not None:
            write(place / f"new-{index}", step.after, mode)
    journal = Journal(
        tuple(Step(one.path, _id(one.before), _id(one.after)) for one in steps),
        tuple(dict.fromkeys(folder for one in steps if one.after is not None for folder in _missing(root, one.path))),
    )
    write(place / f"{_NAME}.part", TypeAdapter(Journal).dump_json(journal), None)
    (place / f"{_NAME}.part").replace(place / _NAME)
    sync(place)
    return journal


def close(root: Path) -> None:
    """Take the journal away: from here on the change stands."""
    (root / PLACE / _NAME).unlink()
    sync(root / PLACE)
    _clear(root / PLACE)


def recover(root: Path) -> Recovery:
    """Take back a change that was cut off, and clear what it prepared; nothing where there is none.

    Raises:
        ToolError: the journal is none of ours, or the disk refuses.
    """
    place = root / PLACE
    if not os.path.lexists(place):
        return Recovery()
    if place.is_symlink() or not place.is_dir():
        raise ToolError(f"{PLACE} is no folder", "byocgen prepares its changes there: move yours away")
    try:
        recovery = _undo(root, _read(place)) if pending(root) else Recovery()
        (place / _NAME).unlink(missing_ok=True)
        _clear(place)
    except OSError as error:
        reason = error.strerror or str(error)
        hint = f"nothing is lost: mend that, then run byocgen sync again; {PLACE} holds what stood here"
        raise ToolError(f"a change that was cut off could not be taken back: {reason}", hint) from error
    if os.path.lexists(place):
        raise ToolError(f"{PLACE} holds files that byocgen did not write", "its changes are prepared there: move yours")
    return recovery


def _read(place: Path) -> Journal:
    try:
        return TypeAdapter(Journal).validate_json((place / _NAME).read_bytes())
    except ValidationError as error:
        hint = f"take the project from git again, then delete {PLACE}"
        raise ToolError(f"{PLACE}/{_NAME} is damaged", hint) from error


def _undo(root: Path, journal: Journal) -> Recovery:
    undone, left = [], []
    for index, step in reversed(list(enumerate(journal.steps))):
        found = disk.look(root, step.path)
        now = "" if isinstance(found, Obstacle) else _id(found)
        if now == step.before:
            continue
        if now != step.after:
            left.append(step.path)
            continue
        path = root / step.path
        if step.before is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            (root / PLACE / f"old-{index}").replace(path)
        sync(path.parent)
        undone.append(step.path)
    for folder in reversed(journal.folders):
        with contextlib.suppress(OSError):  # not there, or someone's by now
            (root / folder).rmdir()
    return Recovery(tuple(reversed(undone)), tuple(reversed(left)))


def _clear(place: Path) -> None:
    """Delete what byocgen put there; anything else stays, and the folder with it."""
    for path in place.iterdir():
        if _OURS.fullmatch(path.name):
            path.unlink()
    with contextlib.suppress(OSError):
        place.rmdir()


def write(path: Path, content: bytes, mode: int | None) -> None:
    """Write a file through to the disk; `mode` None is that of a new file."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if mode is not None:
        path.chmod(mode)


def sync(folder: Path) -> None:
    """Write a folder's names through to the disk; where a file system cannot, its own order has to do."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _mode(path: Path) -> int | None:
    """The mode that a file has keeps: executable, or made read-only."""
    try:
        return stat.S_IMODE(path.lstat().st_mode)
    except OSError:
        return None


def _missing(root: Path, path: str) -> list[str]:
    folders = [one.as_posix() for one in reversed(Path(path).parents)][1:]
    return [folder for folder in folders if not os.path.lexists(root / folder)]


def _id(content: bytes | None) -> str | None:
    return None if content is None else blob(content)
