"""An environment of its own for each peer, with exact versions, under a folder that git ignores."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(".benchmarks")
"""Environments, model files and projects of runs; safe to delete."""
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"


class Unavailable(Exception):  # noqa: N818 - a peer that cannot be had here is left out, and said so
    """A peer needs what this machine lacks."""


def python(name: str, requirements: tuple[str, ...], *, torch: str = "") -> Path:
    """Make the environment `name`, or find it as it was made; return its interpreter.

    `torch` is a version, installed first and as its build for CPUs.

    Raises:
        Unavailable: a package cannot be installed here.
    """
    home = (CACHE / "environments" / name).absolute()
    mark = home / "requirements.txt"
    wanted = "\n".join([*requirements, torch])
    interpreter = home / "bin" / "python"
    if mark.exists() and mark.read_text("utf-8") == wanted:
        return interpreter
    shutil.rmtree(home, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(home)])
    if torch:  # with pip: uv would take the build with CUDA, gigabytes of it
        pip = [
            str(interpreter),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--only-binary",
            ":all:",
        ]
        _run([*pip, "--retries", "1", "--extra-index-url", TORCH_INDEX, f"torch=={torch}"])
    _run(
        [
            str(Path(sys.executable).with_name("uv")),
            "pip",
            "install",
            "--quiet",
            "--python",
            str(interpreter),
            *requirements,
        ]
    )
    mark.write_text(wanted, "utf-8")
    return interpreter


def program(name: str) -> str:
    """Find a program that comes from the system's packages.

    Raises:
        Unavailable: it is not installed.
    """
    found = shutil.which(name)
    if found is None:
        raise Unavailable(f"{name} is not installed")
    return found


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"{' '.join(command[:4])} ... failed: {done.stderr.strip().splitlines()[-1:]}")
