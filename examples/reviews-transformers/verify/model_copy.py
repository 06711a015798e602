"""The model folder as the platform mounts it: a read-only copy, and what a server changed in it all the same."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MOST_COPIED_BYTES = 2 * 1024**3
"""A larger folder is used where it lies: it would be slower to copy than to test."""

Contents = dict[str, tuple[int, str]]


class ModelCopy:
    """A model folder of our own, in `target`; `path` is what a server is given."""

    def __init__(self, source: Path, target: Path, *, read_only: bool) -> None:
        """Copy `source`, unless it is huge. Raises OSError."""
        self.copied = sum(path.stat().st_size for path in source.rglob("*") if path.is_file()) <= MOST_COPIED_BYTES
        self.path = target if self.copied else source
        if self.copied:
            shutil.copytree(source, target, symlinks=False)
            for path in (target, *target.rglob("*")):
                write = 0 if read_only else 0o200
                path.chmod((0o555 if path.is_dir() else 0o444) | write)
        self._before = self._contents()

    def changes(self) -> list[str]:
        """Name the files that are new, gone or different. Links and devices do not count."""
        after = self._contents()
        return sorted(name for name in self._before.keys() | after.keys() if self._before.get(name) != after.get(name))

    def remove(self) -> None:
        """Delete the copy."""
        if self.copied and self.path.is_dir():
            for path in (self.path, *self.path.rglob("*")):
                if path.is_dir():
                    path.chmod(0o755)
            shutil.rmtree(self.path, ignore_errors=True)

    def _contents(self) -> Contents:
        found: Contents = {}
        for path in self.path.rglob("*"):
            if path.is_file():
                stat = path.stat()
                mark = _digest(path) if self.copied else str(stat.st_mtime_ns)
                found[path.relative_to(self.path).as_posix()] = (stat.st_size, mark)
        return found


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
