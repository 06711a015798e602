"""Why a file cannot be read, and how much of one is read at most.

Rules: a reader raises `Damaged` with a clause that completes "PATH cannot be read: ..."; `byocgen.inspect.artifact` makes
the error of it that a person sees. What a file says of its own lengths is never believed further than there are bytes.
"""

from __future__ import annotations

ENDS_EARLY = "it ends in the middle"
AGAIN = "copy it again, or save it again where it was made"
"""The way out for a file that is broken."""
INLINE = 64 * 1024
"""Bytes of a text or of bytes that are kept; of longer ones only the place."""
KEPT = 128 * 1024 * 1024
"""Bytes of texts kept in all."""
OPCODES = 8_000_000
"""Of one pickle. A vectorizer with two and a half million words has as many."""
VALUES = 2_000_000
"""Of one JSON or UBJSON text, a list of numbers being one. A booster of a hundred thousand trees has as many."""
OBJECTS = 2_000_000
"""Lists, mappings, tuples and objects of one pickle. A forest of ten thousand trees has a million."""
LFS = b"version https://git-lfs"
NOT_FETCHED = "it is a pointer of git-lfs, not the file: git lfs pull"
ITEMS = 100_000
"""Of a list, and tensors of a model."""
HEADER = 32 * 1024 * 1024
"""A JSON text that is read as a whole: a safetensors header, an index, a config. A thousand layers have 1 MiB."""
UNPACKED = 256 * 1024 * 1024
EXPANSION = 200
"""A compressed file may become this many times its size beyond the first UNPACKED bytes; weights halve at best."""


class Damaged(Exception):  # noqa: N818 - reads as what the file is
    """The file is not what its beginning promises."""


class Unknown(Damaged):
    """It is no model that any reader knows; there may be nothing wrong with it."""


class TooLong(Damaged):
    """More of it would have to be read than was allowed."""
