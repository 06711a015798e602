"""Programs that the release flow runs: docker and terraform, by name from PATH, without a shell.

Rules: a program that is missing is an error that says where to get it; one that was interrupted is waited for, because
a Terraform that is killed in the middle leaves a locked state behind.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from .failures import ReleaseError

_INSTALL = {
    "docker": "install Docker: https://docs.docker.com/engine/install/",
    "terraform": "install Terraform 1.9 or newer: https://developer.hashicorp.com/terraform/install",
}


@dataclass(frozen=True)
class Finished:
    """How a program ended and what it printed."""

    status: int
    stdout: str
    stderr: str

    @property
    def last_words(self) -> str:
        """The last line of stderr that is not empty, where most programs say why they failed."""
        lines = [line.strip() for line in self.stderr.splitlines() if line.strip()]
        return lines[-1] if lines else f"exit status {self.status}"


def show(command: Sequence[str], to: TextIO = sys.stderr, settings: Mapping[str, str] | None = None) -> int:
    """Run a program whose output the reader should see as it comes, on stderr unless it is data. Its exit status.

    `settings` are environment variables beside those that there are.
    """
    located, interrupted = [locate(command[0]), *command[1:]], threading.Event()
    # Ctrl-C at a terminal signals the program too, which ends in its own way; only then are we interrupted.
    before = signal.signal(signal.SIGINT, lambda *_: interrupted.set())
    try:
        status = subprocess.run(located, stdout=to, env={**os.environ, **(settings or {})}, check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupted.is_set():
        raise KeyboardInterrupt
    return status


def capture(command: Sequence[str], stdin: str = "") -> Finished:
    """Run a program whose output is for us."""
    done = subprocess.run([locate(command[0]), *command[1:]], input=stdin, capture_output=True, text=True, check=False)
    return Finished(done.returncode, done.stdout, done.stderr)


def locate(program: str) -> str:
    """The program's name, or an error that says where to get it."""
    if shutil.which(program) is None:
        raise ReleaseError(f"{program} is not on PATH: {_INSTALL[program]}")
    return program
