"""byocgen.lock: what byocgen wrote, so that it can tell its own files from a person's.

Rules: machine state, committed, never edited. `sha256` is of the content as written; `blob` is git's id of the same
bytes, by which the user's own git can give the content back. The lock is a function of the tree, and of the digests that
`byocgen pin` found for its base images (`images`): the same project has the same lock. The one exception is a file that
a person edited and `sync --merge` brought up to date: what byocgen generated then is in nobody's git, so the lock
carries it (`base`) together with the hash of what was merged (`merged`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import zlib
from dataclasses import asdict
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from byocgen.endings import unix
from byocgen.errors import ToolError
from byocgen.render.render import MANIFEST
from byocgen.render.tree import Ownership

if TYPE_CHECKING:
    from byocgen.plan.image import Pins
    from byocgen.render.tree import Tree

NAME = "byocgen.lock"
VERSION: Final = 1
CONFIG = ConfigDict(extra="forbid")
Hex = Annotated[str, Field(pattern=r"^[0-9a-f]+$")]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
Word = Annotated[str, Field(pattern=r"^[\w.:/-]+$")]
_LARGEST_BASE = 16 * 2**20
"""Bytes of a carried base; byocgen generates nothing near it, and a few bytes of a hostile lock could unpack to more."""


_CONFLICT = re.compile(rb"^(<{7}|={7}|>{7})( |\r?$)", re.MULTILINE)
IN_A_MERGE = "take either side (git checkout --ours -- byocgen.lock), then: byocgen sync"


def inside(path: str) -> str:
    """Return a path, if it is one in the project: a lock comes from a repository, and what it names may be deleted.

    Raises:
        ValueError: it is not.
    """
    pure = PurePosixPath(path)
    outside = pure.is_absolute() or not pure.parts or ".." in pure.parts or pure.parts[0].lower() == ".git"
    if str(pure) != path or outside or not path.isprintable():
        raise ValueError(f"{path} is no path in the project")
    return path


@dataclass(frozen=True, config=CONFIG)
class Entry:
    """One file as it was generated.

    `base` is set while the file on disk is a merge of that with a person's edits; `merged` is then the hash of the
    merged text, and unset while the merge waits for a person.
    """

    ownership: Ownership
    sha256: Hex
    blob: Hex
    merged: Hex | None = None
    base: str | None = None


@dataclass(frozen=True, config=CONFIG)
class Image:
    """What a base image's tag named for a platform when a registry was asked."""

    reference: Word
    platform: Word
    digest: Digest


@dataclass(frozen=True, config=CONFIG)
class Lock:
    """Every file that byocgen wrote, by path; and the base images that are pinned."""

    version: Literal[1]
    files: dict[Annotated[str, AfterValidator(inside)], Entry]
    images: tuple[Image, ...] = ()


@cache
def _reader() -> TypeAdapter[Lock]:
    return TypeAdapter(Lock)


def of(tree: Tree) -> Lock:
    """Describe a tree, but for the manifest: it is the user's text, and a comment in it is no drift."""
    files = {path: file for path, file in tree.items() if path != MANIFEST}
    return Lock(VERSION, {path: entry(one.content, one.ownership) for path, one in files.items()})


def pins(lock: Lock | None) -> Pins:
    """Return what the lock pins, as the plan takes it."""
    return {(one.reference, one.platform): one.digest for one in lock.images} if lock is not None else {}


def pinned(pins: Pins) -> tuple[Image, ...]:
    """Return pins as the lock has them."""
    return tuple(Image(reference, platform, digest) for (reference, platform), digest in pins.items())


def entry(content: bytes, ownership: Ownership = Ownership.MANAGED) -> Entry:
    """Describe one generated file."""
    return Entry(ownership, digest(content), blob(content))


def merging(content: bytes, merged: bytes | None) -> Entry:
    """Describe a file that holds a person's edits beside what was generated; `merged` is None while that is not done."""
    one = entry(content)
    packed = base64.b64encode(zlib.compress(content, 9)).decode()
    return Entry(one.ownership, one.sha256, one.blob, None if merged is None else digest(merged), packed)


def carried(one: Entry) -> bytes | None:
    """Return the generated content that an entry carries; None where it has none, or another than it says."""
    if one.base is None:
        return None
    try:
        content = zlib.decompressobj().decompress(base64.b64decode(one.base, validate=True), _LARGEST_BASE)
    except (binascii.Error, ValueError, zlib.error):
        return None
    return content if digest(content) == one.sha256 else None


def digest(content: bytes) -> str:
    """Return the hash by which a content is known: that of its text with line feeds."""
    return hashlib.sha256(unix(content)).hexdigest()


def blob(content: bytes) -> str:
    """Return git's id of a content."""
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()


def text(lock: Lock) -> bytes:
    """Write a lock: sorted, one file an entry, the same bytes everywhere."""
    document: dict[str, Any] = {"version": lock.version}
    if lock.images:
        document["images"] = [asdict(one) for one in sorted(lock.images, key=lambda one: (one.reference, one.platform))]
    document["files"] = {path: _row(one) for path, one in sorted(lock.files.items())}
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _row(one: Entry) -> dict[str, str]:
    merge = {"merged": one.merged, "base": one.base}
    row = {"ownership": one.ownership.value, "sha256": one.sha256, "blob": one.blob}
    return row | {name: value for name, value in merge.items() if value is not None}


def parse(data: bytes) -> Lock:
    """Read a lock.

    Raises:
        ToolError: it is no lock of this version; the message says which it is.
    """
    try:
        version = json.loads(data).get("version")
    except (ValueError, AttributeError, RecursionError) as error:
        if _CONFLICT.search(data):
            raise ToolError("byocgen.lock holds the conflict of a git merge", IN_A_MERGE) from error
        hint = "take it from git again: git checkout -- byocgen.lock"
        raise ToolError("byocgen.lock cannot be read", hint) from error
    if isinstance(version, int) and version > VERSION:
        raise ToolError(f"byocgen.lock has version {version}; this byocgen knows {VERSION}", "install a newer byocgen")
    try:
        return _reader().validate_json(data)
    except ValidationError as error:
        raise ToolError("byocgen.lock is damaged", "take it from git again: git checkout -- byocgen.lock") from error
