"""A person's edits and byocgen's changes in one text, by git's own merge: the markers are as git writes them."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byocgen import git, temporary
from byocgen.endings import like, unix

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MOST_CONFLICTS = 127
"""What `git merge-file` exits with for that many or more; above are its failures."""
LABELS = ("yours", "byocgen before", "byocgen now")


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged text; `conflicts` is how many places in it a person has to settle."""

    content: bytes
    conflicts: int


def merge(root: Path, ours: bytes, base: bytes, theirs: bytes) -> Merged | None:
    """Merge three texts as git in `root` is set up to; None where git cannot (no git, no texts).

    Raises:
        ToolError: there is no room for three temporary files.
    """
    texts: Mapping[str, bytes] = dict(zip(LABELS, (unix(ours), base, unix(theirs)), strict=True))
    with temporary.folder() as folder:
        files = [folder / str(number) for number in range(len(texts))]
        for file, content in zip(files, texts.values(), strict=True):
            file.write_bytes(content)
        labels = [word for label in texts for word in ("-L", label)]
        done = git.run(root, "merge-file", "-p", "-q", *labels, *map(str, files))
    if not isinstance(done, subprocess.CompletedProcess) or not 0 <= done.returncode <= _MOST_CONFLICTS:
        return None
    return Merged(like(done.stdout, ours), done.returncode)
