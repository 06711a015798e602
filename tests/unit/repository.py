"""A git repository of a test: commands with no settings of this machine."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """Run git in a folder and return what it writes."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **SETTINGS}
    return subprocess.run(
        ["git", *arguments], cwd=folder, input=stdin, check=True, capture_output=True, env=environment
    ).stdout


def commit(folder: Path) -> None:
    """Make a repository of a folder where it is none, and commit all of it."""
    git(folder, "init", "--quiet")
    git(folder, "add", "-A", ".")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "as it is")
