"""The user's folder, read: the only module that looks at a project on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen import lock as locks
from byocgen.errors import ToolError, UsageError
from byocgen.render.render import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
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
    """Read the project's lock; None where it has none."""
    found = read(root, [locks.NAME]).get(locks.NAME)
    return None if found is None else locks.parse(found)


def read(root: Path, paths: Iterable[str]) -> Mapping[str, bytes]:
    """Read those of `paths` that exist below `root`.

    Raises:
        ToolError: one is a folder or a link, where byocgen writes plain files, or cannot be read.
    """
    contents: dict[str, bytes] = {}
    for name in paths:
        path = root / name
        try:
            if path.is_symlink() or (path.exists() and not path.is_file()):
                raise ToolError(f"{name} is a link or a folder", "byocgen writes a plain file there: move yours away")
            contents[name] = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise ToolError(f"{name} cannot be read: {error.strerror}") from error
    return contents
