"""`byocgen eject PATH`: a managed file becomes the user's, in the manifest and in the lock, and stays as it is."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from byocgen import apply, disk, present, workflow
from byocgen import lock as locks
from byocgen.diagnostics import did_you_mean
from byocgen.endings import like
from byocgen.errors import ToolError, UsageError
from byocgen.manifest import eject
from byocgen.patch import difference
from byocgen.reconcile import Action, Kind, Obstacle
from byocgen.render.render import MANIFEST
from byocgen.render.tree import Ownership

if TYPE_CHECKING:
    from pathlib import Path

    from byocgen.workflow import Comparison


def run(project: Path, path: str, *, dry_run: bool, as_json: bool) -> None:
    """Give a file away.

    Raises:
        ByocgenError: the path is none that can be given away, or nothing could be written; nothing was changed.
    """
    if dry_run:
        _tell(project, path, _actions(project, path), dry_run=True, as_json=as_json)
        return
    with apply.alone(project):
        apply.recover(project)
        actions = _actions(project, path)
        apply.change(project, actions)
    _tell(project, path, actions, dry_run=False, as_json=as_json)


def _actions(project: Path, given: str) -> list[Action]:
    compared = workflow.compare(project)
    path = _ejectable(compared, given)
    before = disk.look(project, MANIFEST)
    if not isinstance(before, bytes):
        what = before.what if isinstance(before, Obstacle) else f"{MANIFEST} is gone"
        raise ToolError(what, _by_hand(path))
    after = eject.add(before, path)
    if after is None:
        raise UsageError(f"{MANIFEST} is written in a form that this command cannot add to", _by_hand(path))
    workflow.generate(after, str(project / MANIFEST), project, disk.read_prices(project))
    return [Action(Kind.UPDATE, MANIFEST, Ownership.SEEDED, before, after), *_lock(project, compared, path)]


def _ejectable(compared: Comparison, given: str) -> str:
    path = posixpath.normpath(given)
    owners = {one.path: one.ownership for one in compared.actions if one.after is not None}
    managed = [name for name, owner in owners.items() if owner is Ownership.MANAGED and name != locks.NAME]
    if path in compared.made.manifest.files.eject:
        raise UsageError(f"{path} is yours already: files.eject of {MANIFEST} names it")
    if path == locks.NAME:
        raise UsageError(f"{path} is byocgen's own record, and cannot be given away")
    if owners.get(path) is Ownership.SEEDED:
        raise UsageError(f"{path} is yours already: byocgen wrote it once and never writes it again")
    if path not in managed:
        raise UsageError(f'"{path}" is no file that byocgen manages', did_you_mean(path, managed))
    return path


def _by_hand(path: str) -> str:
    return f"add it by hand, as in: files: {{eject: [{path}]}}"


def _lock(project: Path, compared: Comparison, path: str) -> list[Action]:
    """Enter the new owner, and nothing else: what `sync` has to do otherwise stays to be done."""
    before = disk.look(project, locks.NAME)
    if compared.lock is None or not isinstance(before, bytes):
        return []
    entry = compared.lock.files.get(path)
    if entry is None:
        return []
    entry = replace(entry, ownership=Ownership.SEEDED, merged=None, base=None)
    text = locks.text(replace(compared.lock, files={**compared.lock.files, path: entry}))
    return [Action(Kind.UPDATE, locks.NAME, Ownership.MANAGED, before, like(text, before))]


def _tell(project: Path, path: str, actions: list[Action], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        rows = present.changes_data(actions, [None] * len(actions))
        present.put_json({"project": str(project), "dry_run": dry_run, "actions": rows, "diagnostics": []})
    elif dry_run:
        present.put("".join(difference(one) for one in actions))
    else:
        present.say(f"{posixpath.normpath(path)} is yours now: byocgen leaves it as it is, and never writes it again")
