"""What makes a change whole or nothing: everything is prepared in one folder of the project before any file changes.

Rules: `new-N` is what step N puts in place, `old-N` what stood there. The journal names the steps, and is itself renamed
into place when all of that is safely on disk: from then on an end of any kind, power included, can be taken back by
what lies here. Without a journal the folder is leftovers, and no file of the project changed.
"""

from __future__ import annotations

import os
import stat
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as validated

from byocgen.apply.busy import BUSY, LATER
from byocgen.apply.durable import sync, write
from byocgen.errors import ToolError
from byocgen.lock import CONFIG, Hex, blob, inside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from byocgen.reconcile import Action

PLACE = ".byocgen-sync"
_NAME = "journal"
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


@cache
def _form() -> TypeAdapter[Journal]:
    return TypeAdapter(Journal)


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
        tuple(Step(one.path, identity(one.before), identity(one.after)) for one in steps),
        tuple(dict.fromkeys(folder for one in steps if one.after is not None for folder in _missing(root, one.path))),
    )
    write(place / f"{_NAME}.part", _form().dump_json(journal), None)
    (place / f"{_NAME}.part").replace(place / _NAME)
    sync(place)
    sync(root)
    return journal


def close(root: Path) -> None:
    """Take the journal away, where there is one: from here on nothing is taken back."""
    (root / PLACE / _NAME).unlink(missing_ok=True)
    sync(root / PLACE)


def read(root: Path) -> Journal:
    """Read the journal.

    Raises:
        ToolError: it is none of ours.
    """
    try:
        return _form().validate_json((root / PLACE / _NAME).read_bytes())
    except ValidationError as error:
        hint = f"take the project from git again, then delete {PLACE}"
        raise ToolError(f"{PLACE}/{_NAME} is damaged", hint) from error


def _mode(path: Path) -> int | None:
    """The mode that a file has keeps: executable, or made read-only."""
    try:
        return stat.S_IMODE(path.lstat().st_mode)
    except OSError:
        return None


def _missing(root: Path, path: str) -> list[str]:
    folders = [one.as_posix() for one in reversed(Path(path).parents)][1:]
    return [folder for folder in folders if not os.path.lexists(root / folder)]


def identity(content: bytes | None) -> str | None:
    """Return the id of what stands somewhere; None for nothing."""
    return None if content is None else blob(content)
