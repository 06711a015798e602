"""The user's git, asked: what it has of a file, and whether it has what stands on disk. It is never told to change.

Rules: git may be absent, and a project may be in no repository: both are answers. Variables by which git hands its own
state to hooks are left out, so that the repository is the one that the project lies in.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_STATE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR")


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes] | None:
    """Run git in a folder; None where there is no git."""
    environment = {name: value for name, value in os.environ.items() if name not in _STATE}
    settings = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}
    try:
        return subprocess.run(
            ["git", "--literal-pathspecs", *arguments],
            cwd=root,
            env=environment | settings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return None


def _answer(root: Path, *arguments: str) -> bytes | None:
    done = run(root, *arguments)
    return done.stdout if done is not None and done.returncode == 0 else None


def prefix(root: Path) -> str | None:
    """Return where a project lies in its repository, with a slash at its end; None where it is in none."""
    found = _answer(root, "rev-parse", "--show-prefix")
    return None if found is None else found.decode("utf-8", "surrogateescape").removesuffix("\n")


def blob(root: Path, name: str) -> bytes | None:
    """Return a content by its id; None where the repository does not have it."""
    return _answer(root, "cat-file", "blob", name)


def uncommitted(root: Path, paths: Iterable[str]) -> list[str]:
    """Return those of `paths` whose present content the last commit does not have; all where there is none."""
    return [path for path in paths if not _committed(root, path)]


def _committed(root: Path, path: str) -> bool:
    """Ask for ids rather than for the status: it hides what is ignored or marked as unchanged."""
    listed = _answer(root, "ls-tree", "-z", "HEAD", "--", path)
    present = _answer(root, "hash-object", "--", path)
    if not listed or present is None:
        return False
    return listed.partition(b"\t")[0].split()[-1] == present.strip()
