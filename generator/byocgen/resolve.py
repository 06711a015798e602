"""Conflicts to updates, where a person said how: what byocgen generates (`--force`), or both in one (`--merge`).

Rules: pure. A merged file is entered in the lock with what was generated for it, so that the next merge has its base;
where the merge is left to a person it is entered as open, and stays a conflict until it is done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from byocgen import lock as locks
from byocgen.endings import like, unix
from byocgen.reconcile import Action, Kind
from byocgen.render.tree import Ownership

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

BESIDE = ".byocgen-new"
"""What byocgen generates, beside a file that it cannot be merged into."""


def edited(action: Action) -> bool:
    """Whether a managed file holds a person's edits that `force` would drop, merged ones included."""
    if action.ownership is not Ownership.MANAGED or action.obstacle or action.before is None or action.after is None:
        return False
    return action.kind in (Kind.CONFLICT, Kind.KEEP) and unix(action.before) != unix(action.after)


def force(actions: Iterable[Action], paths: Collection[str]) -> list[Action]:
    """Let byocgen's content take the place of the edited files at `paths`; of a merge of one the lock knows no more."""
    actions = list(actions)
    dropped = {
        one.path: unix(one.after) for one in actions if one.path in paths and edited(one) and one.after is not None
    }
    resolved = [replace(one, kind=Kind.UPDATE) if one.path in dropped else one for one in actions]
    return _entered(resolved, {path: locks.entry(content) for path, content in dropped.items()})


def merge(actions: Iterable[Action], merged: Mapping[str, bytes], unsettled: Collection[str]) -> list[Action]:
    """Take merged texts in.

    Args:
        actions: Of which those at `merged` are conflicts.
        merged: A text for each path that was merged.
        unsettled: Those whose text holds conflicts.
    """
    entries = {}
    resolved = []
    for one in actions:
        if one.path in merged and one.after is not None:
            text, generated = merged[one.path], unix(one.after)
            kind = Kind.KEEP if text == one.before else Kind.UPDATE
            resolved.append(replace(one, kind=kind, after=text))
            if unix(text) != generated:
                entries[one.path] = locks.merging(generated, None if one.path in unsettled else unix(text))
        else:
            resolved.append(one)
    return _entered(resolved, entries)


def set_beside(actions: Iterable[Action], paths: Collection[str]) -> list[Action]:
    """Write what byocgen generates beside the files at `paths`, which stay as they are, and stay conflicts."""
    actions = list(actions)
    open_ones = {one.path: unix(one.after) for one in actions if one.path in paths and one.after is not None}
    beside = [Action(Kind.CREATE, path + BESIDE, Ownership.MANAGED, None, text) for path, text in open_ones.items()]
    return _entered([*beside, *actions], {path: locks.merging(text, None) for path, text in open_ones.items()})


def _entered(actions: Iterable[Action], entries: Mapping[str, locks.Entry]) -> list[Action]:
    return [_with(one, entries) if one.path == locks.NAME and one.after is not None else one for one in actions]


def _with(action: Action, entries: Mapping[str, locks.Entry]) -> Action:
    if not entries or action.after is None:
        return action
    lock = locks.parse(action.after)
    text = locks.text(replace(lock, files={**lock.files, **entries}))
    kind = Kind.CREATE if action.before is None else Kind.UPDATE
    if action.before is not None and unix(action.before) == text:
        kind = Kind.KEEP
    return replace(action, kind=kind, after=like(text, action.before))
