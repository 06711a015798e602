"""``catalog/locks``: the dependency locks of generated projects, for the image and for the project's own checks.

Rules: wheels only, so that no image needs a compiler; Linux on both architectures for the image, macOS for the laptop
it is developed on; hashes of the wheels that can be installed there and of no other file; no index, host or tool named,
so that a lock reads the same wherever it was made. ``--check`` is offline: it holds every lock against its
requirements. ``--check-resolution`` resolves again as of the recorded day and needs the network and ``uv``.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from derive.frameworks import PYTHONS
from derive.lock_format import LockError, problems, requirement_lines, wheel_lines
from derive.lock_sources import (
    TRAINING,
    cuda_builds,
    dev_text,
    gpu_requirements_text,
    requirements_text,
    torch_version,
)
from derive.locking import UV, read_settings
from derive.outputs import CATALOG, Output, compare, write

LOCKS = CATALOG / "locks"
FRAMEWORKS = CATALOG / "data" / "frameworks.json"
HEADER = "# Exact versions with hashes, for Linux (x86_64, aarch64) and macOS; wheels only. Made from {name}.\n"
GPU_HEADER = "# Exact versions with hashes, for Linux (x86_64) and macOS; wheels only. Made from requirements.in.\n"
GPU_ARCHITECTURES = ("x86_64",)  # every GPU type that EC2's data describes
NOTHING = re.compile(r"(?!)")
CUDA = re.compile(r"torch|triton|(nvidia|cuda)-.*")
# Without an upper bound uv would look for an answer that also holds for Pythons nobody chose.
LINUX = "sys_platform == 'linux'"
GPU_LINUX = "platform_machine == 'x86_64' and sys_platform == 'linux'"
PROJECT = """[project]
name = "lock"
version = "0"

[tool.uv]
environments = [
  "{linux} and python_full_version < '{after}'",
  "sys_platform == 'darwin' and python_full_version < '{after}'",
]
"""


def derive() -> list[Output]:
    """Every requirements file and lock, resolved as of the recorded day. Raises LockError, CalledProcessError."""
    outputs: list[Output] = []
    newest: dict[tuple[str, str], str] = {}
    choices = [(name, version, python) for name, version, pythons in framework_versions() for python in pythons]
    with ThreadPoolExecutor() as pool:  # the index's answers take longer than anything here
        for (framework, version, python), lock in zip(
            choices, pool.map(lambda one: resolve(*one), choices), strict=True
        ):
            newest.setdefault((framework, python), lock)
            outputs.append(Output(LOCKS / f"{stem(framework, version)}-py{python}.lock", lock))
        for choice, lock in zip(gpu_choices(), pool.map(lambda one: resolve_gpu(*one), gpu_choices()), strict=True):
            framework, version, python = choice
            outputs.append(Output(LOCKS / f"{gpu_stem(framework, version)}-py{python}.lock", lock))
    for framework, version, _ in framework_versions():
        outputs.append(Output(LOCKS / f"{stem(framework, version)}.in", requirements_text(framework, version)))
    for framework, version in cuda_builds():
        outputs.append(Output(LOCKS / f"{gpu_stem(framework, version)}.in", gpu_requirements_text(framework, version)))
    for name, framework in checks().items():
        outputs.append(Output(LOCKS / f"{name}.in", dev_text(framework)))
        for python in PYTHONS:
            lock = HEADER.format(name="requirements-dev.in")
            lock += "".join(lines(dev_text(framework), python, constraints=newest[framework, python]))
            outputs.append(Output(LOCKS / f"{name}-py{python}.lock", lock))
    return outputs


def checks() -> dict[str, str]:
    """Name of each set of checks, with the framework that it agrees with: one for most, one for each of TRAINING."""
    return {"dev": "sklearn"} | {f"dev-{framework}": framework for framework in TRAINING}


def stem(framework: str, version: str) -> str:
    """First part of the names of a framework version's files."""
    return f"{framework}-{version}" if version else framework


def framework_versions() -> list[tuple[str, str, list[str]]]:
    """Framework, version, Pythons: every lock that must exist. The default version comes first."""
    document = json.loads(FRAMEWORKS.read_text("utf-8"))
    return [
        (row["name"], version, pythons)
        for row in document["frameworks"]
        for version, pythons in row["versions"].items()
    ]


def gpu_stem(framework: str, version: str) -> str:
    """The same for its build for GPUs."""
    return f"{stem(framework, version)}-cuda"


def gpu_choices() -> list[tuple[str, str, str]]:
    """Framework, version and Python of every lock for GPUs."""
    return [
        (name, version, python)
        for name, version, pythons in framework_versions()
        if (name, version) in cuda_builds()
        for python in pythons
    ]


def resolve(framework: str, version: str, python: str) -> str:
    """The lock of a framework version for one Python, as text.

    PyTorch itself is left out, and what the index's build of it needs for CUDA: a project takes the build for CPUs, which
    lies on PyTorch's own index. What that one needs is what remains.
    """
    torch = torch_version(framework, version)
    wanted = requirements_text(framework, version) + (f"torch=={torch}\n" if torch else "")
    dropped = CUDA if torch else NOTHING
    return HEADER.format(name="requirements.in") + "".join(lines(wanted, python, "", dropped))


def resolve_gpu(framework: str, version: str, python: str) -> str:
    """The lock of a framework version on GPUs, as text: all of it is on the package index, PyTorch included."""
    packages = _resolve(gpu_requirements_text(framework, version), python, "", GPU_LINUX)
    return GPU_HEADER + "".join(wheel_lines(package, python, GPU_ARCHITECTURES) for package in packages)


def lines(requirements: str, python: str, constraints: str, dropped: re.Pattern[str] = NOTHING) -> list[str]:
    """The locked packages of ``requirements``, but for those ``dropped``; a text each."""
    packages = _resolve(requirements, python, constraints)
    return [wheel_lines(package, python) for package in packages if not dropped.fullmatch(package["name"])]


def _resolve(requirements: str, python: str, constraints: str, linux: str = LINUX) -> list[dict[str, Any]]:
    minor = int(python.partition(".")[2])
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "pyproject.toml").write_text(PROJECT.format(after=f"3.{minor + 1}", linux=linux), "utf-8")
        (home / "requirements.in").write_text(requirements, "utf-8")
        (home / "constraints.txt").write_text(constraints, "utf-8")
        command = [
            *UV,
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--no-python-downloads",
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
    found: list[str] = []
    expected: set[str] = set()
    for framework, version, pythons in framework_versions():
        found += _check_set(stem(framework, version), requirements_text(framework, version), pythons, expected)
    for framework, version, pythons in framework_versions():
        if (framework, version) in cuda_builds():
            wanted = gpu_requirements_text(framework, version)
            found += _check_set(gpu_stem(framework, version), wanted, pythons, expected)
    for name, framework in checks().items():
        found += _check_set(name, dev_text(framework), list(PYTHONS), expected)
    strays = {path.name for path in LOCKS.iterdir()} - expected
    return found + [f"{name}: belongs to no framework version" for name in sorted(strays)]


def _check_set(name: str, requirements: str, pythons: list[str], expected: set[str]) -> list[str]:
    locks = [f"{name}-py{python}.lock" for python in pythons]
    expected.update([f"{name}.in", *locks])
    said = (LOCKS / f"{name}.in").read_text("utf-8") == requirements
    wrong = [] if said else [f"{name}.in: not what lock_sources.py says"]
    return wrong + [problem for lock in locks for problem in _check_lock(lock, f"{name}.in")]


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
