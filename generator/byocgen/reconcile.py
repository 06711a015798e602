"""Stage four: what stands on disk, what byocgen wrote last and what it would write now, to a list of actions.

Rules: a total, pure function. `new`, `sync`, `diff`, `check` and `--dry-run` are views of the same list. Nothing that
byocgen did not write is ever overwritten or deleted: such a file is a conflict or an orphan, and those are only
reported. A text with carriage returns throughout is the text without them: git checked it out so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from byocgen import lock as locks
from byocgen.endings import like, unix
from byocgen.render.tree import File, Ownership

if TYPE_CHECKING:
    from collections.abc import Mapping

    from byocgen.lock import Entry, Image, Lock
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
class Obstacle:
    """Something that stands where a plain file would, or on the way there: a link, a folder. `what` says which."""

    what: str


@dataclass(frozen=True, slots=True)
class Action:
    """One step. `before` is what stands on disk, `after` what byocgen generates; None where there is no such file.

    `obstacle` says what stands in the way instead of a file that could be compared.
    """

    kind: Kind
    path: str
    ownership: Ownership
    before: bytes | None
    after: bytes | None
    obstacle: str = ""

    @property
    def drift(self) -> bool:
        """Whether the project differs from its manifest here."""
        return self.kind not in HARMLESS


def reconcile(
    tree: Tree, lock: Lock | None, disk: Mapping[str, bytes | Obstacle], images: tuple[Image, ...] = ()
) -> list[Action]:
    """Compare and say what to do, one action a path, the lock's own last.

    Args:
        tree: What byocgen generates now.
        lock: What it wrote last; None for a new project, or where the lock is lost.
        disk: What stands at every path of `tree` and `lock` where anything does, and at the lock's own.
        images: The pinned base images that `tree` is made with.
    """
    known = lock.files if lock is not None else {}
    actions = [_generated(file, known.get(path), disk.get(path)) for path, file in tree.items()]
    gone = sorted(set(known) - set(tree))
    actions += [_dropped(path, known[path], disk[path]) for path in gone if path in disk]
    actions.append(_lock(_next(tree, known, disk, images), disk.get(locks.NAME)))
    return actions


def _generated(file: File, entry: Entry | None, stands: bytes | Obstacle | None) -> Action:
    if isinstance(stands, Obstacle):
        kind = Kind.KEEP if file.ownership is Ownership.SEEDED else Kind.CONFLICT
        return Action(kind, file.path, file.ownership, None, file.content, stands.what)
    seeded = file.ownership is Ownership.SEEDED
    kind = _seeded(file, entry, stands) if seeded else _managed(file, entry, stands)
    return Action(kind, file.path, file.ownership, stands, like(file.content, stands))


def _seeded(file: File, entry: Entry | None, before: bytes | None) -> Kind:
    """A person's file: made once, and never again once byocgen has made it, however it looks today."""
    if before is None:
        return Kind.CREATE if entry is None else Kind.KEEP
    improved = entry is not None and entry.ownership is Ownership.SEEDED and entry.sha256 != locks.digest(file.content)
    return Kind.NOTICE if improved and unix(before) != unix(file.content) else Kind.KEEP


def _managed(file: File, entry: Entry | None, before: bytes | None) -> Kind:
    if before is None:
        return Kind.CREATE
    if unix(before) == unix(file.content) or (entry is not None and _merged(entry, file, before)):
        return Kind.KEEP
    return Kind.UPDATE if entry is not None and entry.sha256 == locks.digest(before) else Kind.CONFLICT


def _merged(entry: Entry, file: File, before: bytes) -> bool:
    """Whether the file is what a merge made of today's content and a person's edits."""
    return entry.merged == locks.digest(before) and entry.sha256 == locks.digest(file.content)


def _dropped(path: str, entry: Entry, stands: bytes | Obstacle) -> Action:
    left_alone = Kind.KEEP if entry.ownership is Ownership.SEEDED else Kind.ORPHAN
    if isinstance(stands, Obstacle):
        return Action(left_alone, path, entry.ownership, None, None, stands.what)
    managed_and_unedited = entry.ownership is Ownership.MANAGED and entry.sha256 == locks.digest(stands)
    return Action(Kind.DELETE if managed_and_unedited else left_alone, path, entry.ownership, stands, None)


def _next(
    tree: Tree, known: Mapping[str, Entry], disk: Mapping[str, bytes | Obstacle], images: tuple[Image, ...]
) -> bytes:
    """Write the lock of a tree; what a merge left in the last one stays while the file holds a person's edits."""
    entries = dict(locks.of(tree).files)
    for path, fresh in entries.items():
        entry, stands = known.get(path), disk.get(path)
        same = entry is not None and (entry.ownership, entry.sha256) == (fresh.ownership, fresh.sha256)
        edited = isinstance(stands, Obstacle) or (stands is not None and locks.digest(stands) != fresh.sha256)
        if entry is not None and same and edited and entry.base is not None:
            entries[path] = entry
    return locks.text(locks.Lock(locks.VERSION, entries, images))


def _lock(after: bytes, before: bytes | Obstacle | None) -> Action:
    if isinstance(before, Obstacle):
        return Action(Kind.CONFLICT, locks.NAME, Ownership.MANAGED, None, after, before.what)
    kind = Kind.CREATE if before is None else Kind.KEEP if unix(before) == after else Kind.UPDATE
    return Action(kind, locks.NAME, Ownership.MANAGED, before, like(after, before))
