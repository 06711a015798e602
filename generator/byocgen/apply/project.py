"""A new project: written beside its place under a private name, and renamed into it when it is complete.

Rules: all or nothing. Whatever interrupts it, what was written is removed again. A folder that holds anything is refused.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from byocgen.errors import ToolError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from byocgen.reconcile import Action


@dataclass(frozen=True, slots=True)
class Copy:
    """A model to bring along: from where, and to which path in the project."""

    source: Path
    path: str


def create(actions: Iterable[Action], target: Path, copies: Iterable[Copy] = ()) -> None:
    """Write a new project to `target`, which must be absent or an empty folder.

    Raises:
        UsageError: `target` holds something, or its parent does not exist.
        ToolError: the disk is full, a permission is missing, a model cannot be copied; nothing is left behind.
    """
    refuse_occupied(target)
    copies = tuple(copies)
    for copy in copies:
        _refuse_endless(copy, target)
    try:
        staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise ToolError(f"cannot write into {target.parent}: {error.strerror}") from error
    try:
        _fill(staging, actions, copies)
        staging.chmod(0o777 & ~_umask())
        staging.replace(target)
    except OSError as error:
        raise ToolError(f"{target} was not made: {error.strerror or error}", "nothing was left behind") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def refuse_occupied(target: Path) -> None:
    """Refuse a target that would have to be overwritten, before any work is done."""
    try:
        if not target.parent.is_dir():
            raise UsageError(f"the folder {target.parent} does not exist", f"make it first: mkdir -p {target.parent}")
        if target.is_symlink() or (target.exists() and not target.is_dir()):
            raise UsageError(f"{target} is a file or a link", "choose another name, or move it away")
        if target.is_dir() and any(target.iterdir()):
            raise UsageError(f"{target} is not empty", "choose another name, or --output another folder")
    except OSError as error:
        raise ToolError(f"{target} cannot be looked at: {error.strerror}") from error


def _refuse_endless(copy: Copy, target: Path) -> None:
    """A folder that holds the project would be copied into itself without an end."""
    if copy.source.is_dir() and target.resolve().is_relative_to(copy.source.resolve()):
        raise UsageError(f"{copy.source} holds {target}, so it cannot be copied into it", "name the model's own folder")


def _fill(staging: Path, actions: Iterable[Action], copies: Iterable[Copy]) -> None:
    for action in actions:
        if action.after is not None:
            path = _inside(staging, action.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(action.after)
    for copy in copies:
        path = _inside(staging, copy.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        if copy.source.is_dir():
            shutil.copytree(copy.source, path)
        else:
            shutil.copyfile(copy.source, path)


def _inside(root: Path, name: str) -> Path:
    """Every path was checked long before; this is the last line of defence, where the write happens."""
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts:
        raise AssertionError(f"{name} leaves the project")
    return root.joinpath(*pure.parts)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
