"""Stage four: what stands on disk, what byocgen wrote last and what it would write now, to a list of actions.

Rules: a total, pure function. `new`, `diff`, `check` and `--dry-run` are views of the same list. Nothing that byocgen
did not write is ever overwritten or deleted: such a file is a conflict or an orphan, and those are only reported.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from byocgen import lock as locks
from byocgen.render.tree import File, Ownership

if TYPE_CHECKING:
    from collections.abc import Mapping

    from byocgen.lock import Entry, Lock
    from byocgen.render.tree import Tree


class Kind(StrEnum):
    """What would happen to a file."""

    CREATE = "create"
    UPDATE = "update"
    KEEP = "keep"
    DELETE = "delete"
    CONFLICT = "conflict"
    """A managed file that a person edited, or that was there before: left alone."""
    ORPHAN = "orphan"
    """Once managed, no longer generated, edited since: left alone."""
    NOTICE = "notice"
    """A seeded file whose template is better now: left alone."""


HARMLESS = frozenset({Kind.KEEP, Kind.NOTICE})
"""Kinds that are no drift."""


@dataclass(frozen=True, slots=True)
class Action:
    """One step. `before` is what stands on disk, `after` what byocgen generates; None where there is no such file."""

    kind: Kind
    path: str
    ownership: Ownership
    before: bytes | None
    after: bytes | None

    @property
    def drift(self) -> bool:
        """Whether the project differs from its manifest here."""
        return self.kind not in HARMLESS


def reconcile(tree: Tree, lock: Lock | None, disk: Mapping[str, bytes]) -> list[Action]:
    """Compare and say what to do, one action a path, the lock's own last.

    Args:
        tree: What byocgen generates now.
        lock: What it wrote last; None for a new project, or where the lock is lost.
        disk: Content of every path of `tree` and `lock` that exists, and of the lock itself.
    """
    known = lock.files if lock is not None else {}
    actions = [_generated(file, known.get(path), disk.get(path)) for path, file in tree.items()]
    gone = sorted(set(known) - set(tree))
    actions += [_dropped(path, known[path], disk[path]) for path in gone if path in disk]
    actions.append(_lock(locks.text(locks.of(tree)), disk.get(locks.NAME)))
    return actions


def _generated(file: File, entry: Entry | None, before: bytes | None) -> Action:
    return Action(_kind(file, entry, before), file.path, file.ownership, before, file.content)


def _kind(file: File, entry: Entry | None, before: bytes | None) -> Kind:
    if file.ownership is Ownership.SEEDED:
        if before is None and entry is None:
            return Kind.CREATE
        improved = entry is not None and entry.sha256 != file.sha256 and entry.ownership is Ownership.SEEDED
        return Kind.NOTICE if improved and before not in (None, file.content) else Kind.KEEP
    if before is None:
        return Kind.CREATE
    if before == file.content:
        return Kind.KEEP
    return Kind.UPDATE if entry is not None and _unedited(entry, before) else Kind.CONFLICT


def _dropped(path: str, entry: Entry, before: bytes) -> Action:
    left_alone = Kind.KEEP if entry.ownership is Ownership.SEEDED else Kind.ORPHAN
    managed_and_unedited = entry.ownership is Ownership.MANAGED and _unedited(entry, before)
    return Action(Kind.DELETE if managed_and_unedited else left_alone, path, entry.ownership, before, None)


def _lock(after: bytes, before: bytes | None) -> Action:
    kind = Kind.CREATE if before is None else Kind.KEEP if before == after else Kind.UPDATE
    return Action(kind, locks.NAME, Ownership.MANAGED, before, after)


def _unedited(entry: Entry, before: bytes) -> bool:
    return hashlib.sha256(before).hexdigest() == entry.sha256
