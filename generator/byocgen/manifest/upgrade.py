"""Which version a manifest has, and an older one as VERSION, with all that a person wrote in it.

Rules: a version is a whole number. One that neither is VERSION nor has a step is no version, and `load` says so of it as
of any wrong value; only a higher one is taken for what a later byocgen wrote.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byocgen.diagnostics import Diagnostic
from byocgen.manifest import edit, migrations, source

if TYPE_CHECKING:
    from byocgen.diagnostics import Key
    from byocgen.manifest.source import Source

_VERSION: Key = ("version",)
_USUAL = "byocgen.yaml"


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A manifest's bytes as VERSION, and the version that they had."""

    was: int
    content: bytes


def older(parsed: Source) -> int | None:
    """Return the version of a manifest that steps lead on from; None for any other."""
    found = _version(parsed)
    known = range(migrations.VERSION - len(migrations.STEPS), migrations.VERSION)
    return found if found is not None and found in known else None


def refuse(parsed: Source) -> Diagnostic | None:
    """Say that a manifest is of another version than this byocgen reads, and which command mends that."""
    found = _version(parsed)
    if older(parsed) is not None:
        there = "" if parsed.path == _USUAL else f" --manifest {shlex.quote(parsed.path)}"
        hint = f"byocgen upgrade{there} rewrites it, comments kept"
    elif found is not None and found > migrations.VERSION:
        hint = "byocgen is older than the manifest, so update byocgen: pip install --upgrade byocgen"
    else:
        return None
    message = f"the manifest has version {found}; this byocgen reads version {migrations.VERSION}"
    return Diagnostic("BYO108", message, _VERSION, hint)


def upgrade(data: bytes, path: str) -> Upgraded | None:
    """Take an older manifest through every step to VERSION; None for any other text.

    The result is text: whether it is a manifest, `load` says.
    """
    parsed, found = source.parse(data, path)
    was = None if parsed is None or found else older(parsed)
    if was is None:
        return None
    text = data.decode("utf-8")
    mark = "\ufeff" if text.startswith("\ufeff") else ""  # the byte order mark is none of the YAML
    text = text.removeprefix(mark)
    for step in migrations.STEPS[was - migrations.VERSION :]:
        text = step(text)
    text = edit.replace(text, _VERSION, str(was), str(migrations.VERSION))
    return Upgraded(was, (mark + text).encode())


def _version(parsed: Source) -> int | None:
    value = parsed.value.get("version")
    return value if isinstance(value, int) and not isinstance(value, bool) else None
