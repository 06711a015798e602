"""Actions as one unified diff that `git apply` and `patch -p1` take."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from byocgen.reconcile import HARMLESS, Action

if TYPE_CHECKING:
    from collections.abc import Iterable


def patch(actions: Iterable[Action]) -> str:
    """Write the difference between what stands on disk and what byocgen generates, for every action that is drift."""
    return "".join(_one(action) for action in actions if action.kind not in HARMLESS)


def _one(action: Action) -> str:
    before, after = _lines(action.before), _lines(action.after)
    old = "/dev/null" if action.before is None else f"a/{action.path}"
    new = "/dev/null" if action.after is None else f"b/{action.path}"
    header = f"diff --git a/{action.path} b/{action.path}\n"
    if action.before is None:
        header += "new file mode 100644\n"
    if action.after is None:
        header += "deleted file mode 100644\n"
    return header + "".join(_ended(line) for line in difflib.unified_diff(before, after, old, new))


def _lines(content: bytes | None) -> list[str]:
    """Split at line feeds only, as git does; bytes that are no UTF-8 are shown, not hidden."""
    parts = (content or b"").decode("utf-8", "surrogateescape").split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
