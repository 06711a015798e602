"""What each edited file becomes under `sync --merge`: its base is found, and git merges.

Rules: reads only. The base is what byocgen generated when it last wrote or merged the file: the lock carries it after a
merge, else the user's own git has it by the id in the lock. What a person has not finished merging is not merged again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byocgen import apply, disk, git
from byocgen import lock as locks
from byocgen.endings import unix
from byocgen.errors import UsageError
from byocgen.resolve import BESIDE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from byocgen.lock import Entry, Lock
    from byocgen.reconcile import Action

_BEGINS = re.compile(rb"^<{7} ", re.MULTILINE)
_ENDS = re.compile(rb"^>{7} ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Merges:
    """Merged texts by path, how many conflicts are in each that has any, and the paths that have no base."""

    texts: dict[str, bytes]
    conflicts: dict[str, int]
    baseless: tuple[str, ...]


def merge(root: Path, lock: Lock | None, edited: Iterable[Action]) -> Merges:
    """Merge what byocgen generates into each edited file.

    Raises:
        UsageError: an earlier merge is not finished.
    """
    texts: dict[str, bytes] = {}
    conflicts: dict[str, int] = {}
    baseless = []
    for one in edited:
        if one.before is None or one.after is None:
            continue
        _refuse_unfinished(root, one.path, one.before)
        found = _merged(root, lock.files.get(one.path) if lock else None, one.before, unix(one.after))
        if found is None:
            baseless.append(one.path)
            continue
        texts[one.path] = found.content
        if found.conflicts:
            conflicts[one.path] = found.conflicts
    return Merges(texts, conflicts, tuple(baseless))


def _merged(root: Path, entry: Entry | None, ours: bytes, theirs: bytes) -> apply.Merged | None:
    base = _base(root, entry, theirs)
    if base is None:
        return None
    return apply.Merged(ours, 0) if base == theirs else apply.merge(root, ours, base, theirs)


def _base(root: Path, entry: Entry | None, theirs: bytes) -> bytes | None:
    if entry is None:
        return None
    if entry.sha256 == locks.digest(theirs):
        return theirs
    carried = locks.carried(entry)
    if carried is not None:
        return carried
    found = git.blob(root, entry.blob)
    return found if found is not None and locks.digest(found) == entry.sha256 else None


def _refuse_unfinished(root: Path, path: str, ours: bytes) -> None:
    if disk.look(root, path + BESIDE) is not None:
        hint = f"take over what you want of it, delete {path}{BESIDE}, then: byocgen sync --merge"
        raise UsageError(f"{path}{BESIDE} is there: the merge of {path} is not finished", hint)
    if _BEGINS.search(ours) and _ENDS.search(ours):
        raise UsageError(f"{path} holds conflict markers", "settle what they mark, then: byocgen sync --merge")
