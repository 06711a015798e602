"""`verify/` of a project: the conformance suite, the same files as this package's own `byocgen.verify`.

Rules: copied byte for byte. The suite imports the standard library and itself, by dots, so that it runs in both places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen import bundle
from byocgen.render.template import LEFT_BEHIND
from byocgen.render.tree import File

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "verify"


def files() -> Iterator[File]:
    """Copy the suite."""
    source = bundle.conformance_suite()
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if path.is_file() and not LEFT_BEHIND & set(inside.parts):
            yield File(f"{FOLDER}/{inside.as_posix()}", path.read_bytes())
