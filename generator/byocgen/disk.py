"""The user's folder, read: the only module that looks at a project on disk.

Rules: no link is followed below the project's own folder, so that what is compared is what would be written.
"""

from __future__ import annotations

import stat
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from byocgen import lock as locks
from byocgen.errors import ToolError, UsageError
from byocgen.pricelist import file
from byocgen.reconcile import Obstacle
from byocgen.render.render import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


IN_A_PROJECT = f"run this in a generated project, or make one: byocgen new NAME (looked for {MANIFEST})"


def read_manifest(path: Path, hint: str = IN_A_PROJECT) -> bytes:
    """Read a manifest's bytes; `hint` is the way out where there is none.

    Raises:
        UsageError: there is no such file.
        ToolError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise UsageError(f"there is no manifest at {path}", hint) from error
    except OSError as error:
        raise ToolError(f"{path} cannot be read: {error.strerror}") from error


def exists(path: Path) -> bool:
    """Tell whether there is something at a path that a person wrote: one too long for a name has nothing."""
    try:
        path.stat()
    except OSError:
        return False
    return True


def read_lock(root: Path) -> locks.Lock | None:
    """Read the project's lock; None where it has none.

    Raises:
        ToolError: it is a link or a folder, cannot be read, or is no lock that this byocgen knows.
    """
    found = look(root, locks.NAME)
    if isinstance(found, Obstacle):
        raise ToolError(found.what, "byocgen writes a plain file there: move yours away")
    return None if found is None else locks.parse(found)


def read_prices(root: Path) -> bytes | None:
    """Read a project's price file; None where it has none.

    Raises:
        ToolError: something else stands there, or it cannot be read.
    """
    found = look(root, file.NAME)
    if isinstance(found, Obstacle):
        raise ToolError(found.what, "byocgen reads a plain file there: move yours away")
    return found


def read(root: Path, paths: Iterable[str]) -> dict[str, bytes | Obstacle]:
    """Look at each of `paths` below `root`; those where nothing stands are left out."""
    seen = {name: look(root, name) for name in paths}
    return {name: found for name, found in seen.items() if found is not None}


def look(root: Path, name: str) -> bytes | Obstacle | None:
    """Read one file of a project; None where there is none, an obstacle where it is no plain file that can be read."""
    parts = PurePosixPath(name).parts
    path = root
    for depth, part in enumerate(parts, 1):
        path, where = path / part, "/".join(parts[:depth])
        try:
            mode = path.lstat().st_mode
            wrong = _wrong(mode, last=depth == len(parts))
            if wrong:
                return Obstacle(f"{where} is {wrong}")
        except FileNotFoundError:
            return None
        except OSError as error:
            return Obstacle(f"{where} cannot be read: {error.strerror}")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        return Obstacle(f"{name} cannot be read: {error.strerror}")


def _wrong(mode: int, *, last: bool) -> str:
    """Say what stands there, if it is neither the file that was looked for nor a folder on the way to it."""
    if stat.S_ISLNK(mode):
        return "a symbolic link"
    if stat.S_ISDIR(mode):
        return "a folder" if last else ""
    if not stat.S_ISREG(mode):
        return "no plain file"
    return "" if last else "a file"
