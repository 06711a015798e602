"""``catalog/locks``: the dependency locks of generated projects, for the image and for the project's own checks.

Rules: wheels only, so that no image needs a compiler; Linux on both architectures for the image, macOS for the laptop
it is developed on; hashes of the wheels that can be installed there and of no other file; no index, host or tool named,
so that a lock reads the same wherever it was made. ``--check`` is offline: it holds every lock against its
requirements. ``--check-resolution`` resolves again as of the recorded day and needs the network and ``uv``.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from derive.frameworks import PYTHONS
from derive.lock_format import LockError, problems, requirement_lines, wheel_lines
from derive.lock_sources import DEV, requirements_text
from derive.locking import UV, read_settings
from derive.outputs import CATALOG, Output, compare, write

LOCKS = CATALOG / "locks"
FRAMEWORKS = CATALOG / "data" / "frameworks.json"
HEADER = "# Exact versions with hashes, for Linux (x86_64, aarch64) and macOS; wheels only. Made from {name}.\n"
# Without an upper bound uv would look for an answer that also holds for Pythons nobody chose.
PROJECT = """[project]
name = "lock"
version = "0"

[tool.uv]
environments = [
  "sys_platform == 'linux' and python_full_version < '{after}'",
  "sys_platform == 'darwin' and python_full_version < '{after}'",
]
"""


def derive() -> list[Output]:
    """Every requirements file and lock, resolved as of the recorded day. Raises LockError, CalledProcessError."""
    outputs = [Output(LOCKS / "dev.in", DEV)]
    base: dict[str, str] = {}
    for framework, version, pythons in framework_versions():
        requirements = requirements_text(framework, version)
        outputs.append(Output(LOCKS / f"{framework}-{version}.in", requirements))
        for python in pythons:
            lock = resolve(requirements, python, constraints="", name="requirements.in")
            base.setdefault(python, lock)
            outputs.append(Output(LOCKS / f"{framework}-{version}-py{python}.lock", lock))
    for python in PYTHONS:
        lock = resolve(DEV, python, constraints=base[python], name="requirements-dev.in")
        outputs.append(Output(LOCKS / f"dev-py{python}.lock", lock))
    return outputs


def framework_versions() -> list[tuple[str, str, list[str]]]:
    """Framework, version, Pythons: every lock that must exist. The default version comes first."""
    document = json.loads(FRAMEWORKS.read_text("utf-8"))
    return [
        (row["name"], version, pythons)
        for row in document["frameworks"]
        for version, pythons in row["versions"].items()
    ]


def resolve(requirements: str, python: str, constraints: str, name: str) -> str:
    """The lock of ``requirements`` for one Python, as text."""
    lines = [wheel_lines(package, python) for package in _resolve(requirements, python, constraints)]
    return HEADER.format(name=name) + "".join(lines)


def _resolve(requirements: str, python: str, constraints: str) -> list[dict[str, Any]]:
    minor = int(python.partition(".")[2])
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "pyproject.toml").write_text(PROJECT.format(after=f"3.{minor + 1}"), "utf-8")
        (home / "requirements.in").write_text(requirements, "utf-8")
        (home / "constraints.txt").write_text(constraints, "utf-8")
        command = [
            *UV,
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--python-version",
            python,
            "--only-binary",
            ":all:",
        ]
        command += ["--exclude-newer", read_settings().exclude_newer, "--constraints", "constraints.txt"]
        command += ["--generate-hashes", "--format", "pylock.toml", "requirements.in"]
        answer = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise LockError(f"Python {python}", answer.stderr)
    packages: list[dict[str, Any]] = tomllib.loads(answer.stdout)["packages"]
    return packages


def check() -> list[str]:
    """What is wrong with the committed locks, found offline; empty when each satisfies its requirements."""
    found = [] if (LOCKS / "dev.in").read_text("utf-8") == DEV else ["dev.in: not what lock_sources.py says"]
    expected = {"dev.in"}
    for framework, version, pythons in framework_versions():
        requirements = f"{framework}-{version}.in"
        expected.add(requirements)
        if (LOCKS / requirements).read_text("utf-8") != requirements_text(framework, version):
            found.append(f"{requirements}: not what lock_sources.py says")
        for python in pythons:
            expected.add(f"{framework}-{version}-py{python}.lock")
            found += _check_lock(f"{framework}-{version}-py{python}.lock", requirements)
    for python in PYTHONS:
        expected.add(f"dev-py{python}.lock")
        found += _check_lock(f"dev-py{python}.lock", "dev.in")
    strays = {path.name for path in LOCKS.iterdir()} - expected
    return found + [f"{name}: belongs to no framework version" for name in sorted(strays)]


def _check_lock(lock: str, requirements: str) -> list[str]:
    wanted = requirement_lines((LOCKS / requirements).read_text("utf-8"))
    return [f"{lock}: {problem}" for problem in problems((LOCKS / lock).read_text("utf-8"), wanted)]


def main(arguments: Sequence[str]) -> None:
    """Write without an argument; the two checks exit 1 with what they found."""
    match list(arguments):
        case []:
            write(derive())
        case ["--check"]:
            found = "".join(f"{line}\n" for line in check())
        case ["--check-resolution"]:
            found = compare(derive())
        case _:
            sys.exit("usage: python -m derive.locks [--check | --check-resolution]")
    if arguments and found:
        sys.stdout.write(found)
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
