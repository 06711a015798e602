"""Changes to a project that is there: all of them, or none.

Rules: nothing is changed before everything is prepared; then one rename or one deletion a file. Each file is looked at
once more before its turn: what is not what was compared ends the change. Whatever ends it (a full disk, Ctrl-C, a fault
of ours), what was done is taken back; where not even that is possible, the next run does it.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from byocgen import disk
from byocgen.apply import journal
from byocgen.apply.durable import sync
from byocgen.apply.recovery import clear, recover
from byocgen.errors import ToolError
from byocgen.reconcile import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_WRITTEN = frozenset({Kind.CREATE, Kind.UPDATE, Kind.DELETE})


def change(root: Path, actions: Iterable[Action]) -> None:
    """Do every action that creates, updates or deletes.

    Raises:
        ToolError: the disk is full, a permission is missing, a file changed meanwhile; the project is as it was.
    """
    steps = [one for one in actions if one.kind in _WRITTEN]
    if not steps:
        return
    try:
        journal.claim(root)
    except OSError as error:
        raise _failed(error) from error
    try:
        _do(root, steps)
    except OSError as error:
        recover(root)
        raise _failed(error) from error
    except BaseException:
        recover(root)
        raise


def _failed(error: OSError) -> ToolError:
    where = f" ({error.filename})" if error.filename else ""
    return ToolError(f"nothing was changed: {error.strerror or error}{where}")


def _do(root: Path, steps: Sequence[Action]) -> None:
    prepared = journal.prepare(root, steps)
    for folder in prepared.folders:
        (root / folder).mkdir()
    for index, step in enumerate(steps):
        if disk.look(root, step.path) != step.before:
            raise ToolError(f"{step.path} changed while byocgen was at work", "nothing was changed: try again")
        if step.kind is Kind.DELETE:
            (root / step.path).unlink()
        else:
            (root / journal.PLACE / f"new-{index}").replace(root / step.path)
    _settle(root, steps)
    journal.close(root)
    with contextlib.suppress(OSError):  # the change stands: what is left over is cleared by the next run
        clear(root)
    _tidy(root, steps)


def _settle(root: Path, steps: Sequence[Action]) -> None:
    """Write the new names through to the disk before the way back is given up."""
    for folder in {(root / step.path).parent for step in steps}:
        sync(folder)


def _tidy(root: Path, steps: Sequence[Action]) -> None:
    """Remove the folders that deletions left empty: git knows no empty folder, and they were made for those files."""
    for step in steps:
        if step.kind is Kind.DELETE:
            with contextlib.suppress(OSError):  # not empty
                for folder in list((root / step.path).parents):
                    if folder == root:
                        break
                    folder.rmdir()
