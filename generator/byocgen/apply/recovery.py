"""A change that did not come to its end is taken back: by the run that made it, or by the next one.

Rules: it may be cut off itself and done again. It touches a file only where that is what the change left there; what
anyone wrote since stays, and is named.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byocgen import disk
from byocgen.apply import journal
from byocgen.apply.durable import sync
from byocgen.errors import ToolError
from byocgen.reconcile import Obstacle

if TYPE_CHECKING:
    from pathlib import Path

    from byocgen.apply.journal import Journal

_OURS = re.compile(r"(new|old)-\d+|journal|journal\.part|\.gitignore")


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was taken back: the paths put back, and those left alone because someone wrote there since."""

    undone: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def recover(root: Path) -> Recovery:
    """Take back a change that was cut off, and clear what it prepared; nothing where there is none.

    Raises:
        ToolError: the journal is none of ours, or the disk refuses.
    """
    place = root / journal.PLACE
    if not os.path.lexists(place):
        return Recovery()
    if place.is_symlink() or not place.is_dir():
        raise ToolError(f"{journal.PLACE} is no folder", "byocgen prepares its changes there: move yours away")
    try:
        recovery = _undo(root, journal.read(root)) if journal.pending(root) else Recovery()
        journal.close(root)
        clear(root)
    except OSError as error:
        reason = error.strerror or str(error)
        hint = f"nothing is lost: mend that, then run byocgen sync again; {journal.PLACE} holds what stood here"
        raise ToolError(f"a change that was cut off could not be taken back: {reason}", hint) from error
    if os.path.lexists(place):
        raise ToolError(
            f"{journal.PLACE} holds files that byocgen did not write", "its changes are prepared there: move yours"
        )
    return recovery


def _undo(root: Path, cut_off: Journal) -> Recovery:
    undone, left = [], []
    for index, step in reversed(list(enumerate(cut_off.steps))):
        found = disk.look(root, step.path)
        now = "" if isinstance(found, Obstacle) else journal.identity(found)
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
            (root / journal.PLACE / f"old-{index}").replace(path)
        sync(path.parent)
        undone.append(step.path)
    for folder in reversed(cut_off.folders):
        with contextlib.suppress(OSError):  # not there, or someone's by now
            (root / folder).rmdir()
    return Recovery(tuple(reversed(undone)), tuple(reversed(left)))


def clear(root: Path) -> None:
    """Delete what byocgen put there; anything else stays, and the folder with it."""
    place = root / journal.PLACE
    for path in place.iterdir():
        if _OURS.fullmatch(path.name):
            path.unlink()
    with contextlib.suppress(OSError):
        place.rmdir()
