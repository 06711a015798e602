"""What a command leaves behind: exit code, stdout, stderr, files; and byocgen as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import byocgen


class Shown(NamedTuple):
    """What a command leaves behind."""

    code: int
    out: str = ""
    err: str = ""


def on_disk(folder: Path) -> dict[str, str]:
    """Return every file below a folder but git's own."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def lock_of(folder: Path) -> str:
    """Return the lock's text."""
    return (folder / "byocgen.lock").read_text("utf-8")


def process(*command: str) -> list[str]:
    """Return a command that runs byocgen as this test does."""
    return [sys.executable, "-m", "byocgen", *command]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(byocgen.__file__).parents[1])}


def byocgen_process(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run byocgen in a process of its own."""
    return subprocess.run(process(*arguments), env=ENVIRONMENT, capture_output=True, check=False)
