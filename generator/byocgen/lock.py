"""byocgen.lock: what byocgen wrote, so that it can tell its own files from a person's.

Rules: machine state, committed, never edited. `sha256` is of the content as written; `blob` is git's id of the same
bytes, by which the user's own git can give the content back. The lock is a function of the tree: the same project has
the same lock.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from byocgen.errors import ToolError
from byocgen.render.render import MANIFEST
from byocgen.render.tree import Ownership

if TYPE_CHECKING:
    from byocgen.render.tree import Tree

NAME = "byocgen.lock"
VERSION: Final = 1
CONFIG = ConfigDict(extra="forbid")
Hex = Annotated[str, Field(pattern=r"^[0-9a-f]+$")]


def _inside(path: str) -> str:
    """A lock comes from a repository: what it names is read, compared and, by `sync`, deleted."""
    pure = PurePosixPath(path)
    if str(pure) != path or pure.is_absolute() or not pure.parts or ".." in pure.parts or "\0" in path:
        raise ValueError(f"{path} is no path in the project")
    return path


@dataclass(frozen=True, config=CONFIG)
class Entry:
    """One file as it was written."""

    ownership: Ownership
    sha256: Hex
    blob: Hex


@dataclass(frozen=True, config=CONFIG)
class Lock:
    """Every file that byocgen wrote, by path."""

    version: Literal[1]
    files: dict[Annotated[str, AfterValidator(_inside)], Entry]


def of(tree: Tree) -> Lock:
    """Describe a tree, but for the manifest: it is the user's text, and a comment in it is no drift."""
    files = {path: file for path, file in tree.items() if path != MANIFEST}
    return Lock(VERSION, {path: Entry(one.ownership, one.sha256, blob(one.content)) for path, one in files.items()})


def blob(content: bytes) -> str:
    """Return git's id of a content."""
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()


def text(lock: Lock) -> bytes:
    """Write a lock: sorted, one file an entry, the same bytes everywhere."""
    files = {
        path: {"ownership": one.ownership.value, "sha256": one.sha256, "blob": one.blob}
        for path, one in sorted(lock.files.items())
    }
    return (json.dumps({"version": lock.version, "files": files}, indent=2, ensure_ascii=False) + "\n").encode()


def parse(data: bytes) -> Lock:
    """Read a lock.

    Raises:
        ToolError: it is no lock of this version; the message says which it is.
    """
    try:
        version = json.loads(data).get("version")
    except (ValueError, AttributeError, RecursionError) as error:
        hint = "take it from git again (git checkout -- byocgen.lock); in a merge, take either side"
        raise ToolError("byocgen.lock cannot be read", hint) from error
    if isinstance(version, int) and version > VERSION:
        raise ToolError(f"byocgen.lock has version {version}; this byocgen knows {VERSION}", "install a newer byocgen")
    try:
        return TypeAdapter(Lock).validate_json(data)
    except ValidationError as error:
        raise ToolError("byocgen.lock is damaged", "take it from git again: git checkout -- byocgen.lock") from error
