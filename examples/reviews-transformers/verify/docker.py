"""The docker client, run as a program."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from .options import UnusableError

PATIENCE_SECONDS = 300


class DockerError(Exception):
    """docker refused; `str(error)` is what it wrote."""


def docker(*arguments: str) -> str:
    """Run docker and give its stdout. Raises DockerError, and UnusableError where there is no docker."""
    try:
        done = subprocess.run(
            ["docker", *arguments], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
    except FileNotFoundError:
        raise UnusableError("docker is not installed", "--image needs a docker client and an engine") from None
    except subprocess.TimeoutExpired:
        raise UnusableError(f"docker {arguments[0]} took longer than {PATIENCE_SECONDS} s") from None
    if done.returncode:
        raise DockerError(done.stderr.strip() or f"docker {arguments[0]} ended with {done.returncode}")
    return done.stdout


def inspect(kind: str, name: str) -> dict[str, Any]:
    """Describe an image, a container or a network. Raises DockerError."""
    found: list[dict[str, Any]] = json.loads(docker(kind, "inspect", name))
    return found[0]


def both_streams(*arguments: str) -> str:
    """Run docker and give stdout and stderr together, whatever the exit code."""
    done = subprocess.run(
        ["docker", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return done.stdout.decode(errors="replace")
