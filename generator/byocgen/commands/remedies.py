"""What is wrong with a file of a project, and the command that mends it: worded once for `sync`, `diff` and `check`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from byocgen.reconcile import Action, Kind
from byocgen.resolve import BESIDE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_IN_PLACE = "byocgen writes a plain file there: move yours away, or make the file yours: "


class Said(NamedTuple):
    """A message and its way out."""

    message: str
    help: str


def command(project: Path, *words: str) -> str:
    """Write a command as it is typed where this one was."""
    place = () if project == Path() else ("-C", str(project))
    return shlex.join(["byocgen", *words, *place])


def about(action: Action, project: Path, known: Collection[str]) -> Said | None:
    """Say what a person has to know of an action; None where its kind says it all. `known` is what byocgen wrote."""
    path = action.path
    if action.kind is Kind.NOTICE:
        return Said(f"{path} is yours, and what byocgen starts it with has changed", command(project, "diff", path))
    if action.kind is Kind.ORPHAN:
        found = action.obstacle or "it was edited"
        return Said(
            f"{path} is no longer generated, and {found}: sync leaves it to you", "delete it if nothing needs it"
        )
    if action.kind is not Kind.CONFLICT:
        return None
    if action.obstacle:
        return Said(f"{action.obstacle}, where byocgen writes {path}", _IN_PLACE + command(project, "eject", path))
    what = "is managed and was edited" if path in known else "is there, and byocgen did not write it"
    return Said(f"{path} {what}", _ways(path, project))


def _ways(path: str, project: Path) -> str:
    return (
        f"keep the edit: {command(project, 'sync', '--merge')}; drop it: {command(project, 'sync', '--force', path)}; "
        f"make the file yours: {command(project, 'eject', path)}"
    )


def drift(actions: Sequence[Action], project: Path) -> Said | None:
    """Say that a plain `byocgen sync` has something to do; None where only a person has."""
    plain = [one for one in actions if one.drift and one.kind is not Kind.CONFLICT]
    if not plain:
        return None
    return Said("the project is not what its manifest says", f"mend it with: {command(project, 'sync')}")


def unsettled(path: str, count: int, project: Path) -> Said:
    """Say that a merge left conflicts in a file."""
    places = "1 place" if count == 1 else f"{count} places"
    return Said(f"{path} has {places} to settle", f"edit what is marked, then: {command(project, 'sync', '--merge')}")


def baseless(path: str, project: Path) -> Said:
    """Say that a file could not be merged, and where byocgen's content is."""
    return Said(
        f"{path} was not merged: git cannot, or does not have what byocgen wrote before",
        f"{path}{BESIDE} is what byocgen writes now: take over what you want, delete it, then: "
        f"{command(project, 'sync', '--merge')}",
    )
