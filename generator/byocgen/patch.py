"""Actions as one unified diff that `git apply` and `patch -p1` take in the project's folder.

Rules: no `diff --git` line where it can be without. It would make git take the paths from the repository's top, and in a
project below that `git apply` would skip every file and say nothing.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from byocgen.reconcile import HARMLESS, Action, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

_NOT_SHOWN = HARMLESS | {Kind.ORPHAN}
"""Kinds of which `sync` changes nothing, and refuses nothing."""


def patch(actions: Iterable[Action]) -> str:
    """Write the difference between what stands on disk and what byocgen generates, for what `sync` does or refuses."""
    return "".join(difference(action) for action in actions if action.kind not in _NOT_SHOWN)


def difference(action: Action) -> str:
    """Write the difference for one action of any kind; nothing where there is none, or no file to compare."""
    return "" if action.obstacle or action.before == action.after else _one(action)


def first_change(action: Action) -> int:
    """Return the line of the file on disk where the difference begins, from 1."""
    old, new = _lines(action.before), _lines(action.after)
    same = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        same += 1
    return max(1, min(same + 1, len(old)))


def _one(action: Action) -> str:
    old = "/dev/null" if action.before is None else _named(f"a/{action.path}")
    new = "/dev/null" if action.after is None else _named(f"b/{action.path}")
    lines = difflib.unified_diff(_lines(action.before), _lines(action.after), old, new)
    return "".join(_ended(line) for line in lines) or _of_nothing(action)


def _named(path: str) -> str:
    """A tab ends a name that holds a space."""
    return f"{path}\t" if " " in path else path


def _of_nothing(action: Action) -> str:
    """An empty file has no lines to show: only git's own header can make or delete it."""
    what = "new" if action.before is None else "deleted"
    return f"diff --git a/{action.path} b/{action.path}\n{what} file mode 100644\n"


def _lines(content: bytes | None) -> list[str]:
    """Split at line feeds only, as git does; bytes that are no UTF-8 are shown, not hidden."""
    parts = (content or b"").decode("utf-8", "surrogateescape").split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
