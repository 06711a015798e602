"""``frameworks.json``: the versions of each framework that can be locked, and the sample that a project can train.

A version is listed with a Python when the index has wheels of it for that Python on both platforms an image can have.
Which versions are asked about is SOURCES; the newest is the default. Asking needs the network and ``uv``.
"""

import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from sklearn.datasets import load_iris

from derive.locking import UV, read_settings
from derive.outputs import CATALOG, Output, rows_document, run

DATA = CATALOG / "data" / "frameworks.json"
PYTHONS = ("3.13", "3.12", "3.11")
DEFAULT_PYTHON = "3.12"
SOURCE = (
    "the Python package index: versions with wheels for manylinux x86_64 and aarch64; "
    "sample: scikit-learn's own copy of iris"
)
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28")
SAMPLE_ROWS = (0, 100)  # a setosa and a virginica: two rows whose predictions differ
WHEN_NONE = 1  # uv's exit status when no version fits


@dataclass(frozen=True, slots=True)
class FrameworkSource:
    """What a person decides about a framework; the rest is asked of the index."""

    name: str
    distribution: str
    versions: tuple[str, ...]
    sample: bool


SOURCES = (
    FrameworkSource(
        name="sklearn",
        distribution="scikit-learn",
        versions=("1.9.1", "1.9.0", "1.8.0", "1.7.2", "1.6.1", "1.5.2"),
        sample=True,
    ),
)


def derive(derived: str) -> list[Output]:
    """One output: the frameworks, each version with its Pythons."""
    rows = [framework(source) for source in SOURCES]
    return [Output(DATA, rows_document(SOURCE, derived, frameworks=rows))]


def framework(source: FrameworkSource) -> dict[str, Any]:
    """One row."""
    versions = {
        version: [python for python in PYTHONS if has_wheels(source, version, python)] for version in source.versions
    }
    return {
        "name": source.name,
        "distribution": source.distribution,
        "default_version": source.versions[0],
        "default_python": DEFAULT_PYTHON,
        "versions": {version: pythons for version, pythons in versions.items() if pythons},
        "sample": iris() if source.sample else None,
    }


def has_wheels(source: FrameworkSource, version: str, python: str) -> bool:
    """Whether the index has the version's wheel for this Python on every platform. Raises where uv itself fails."""
    return all(_has_wheel(f"{source.distribution}=={version}", python, platform) for platform in PLATFORMS)


def _has_wheel(requirement: str, python: str, platform: str) -> bool:
    command = [*UV, "pip", "compile", "--quiet", "--no-deps", "--only-binary", ":all:", "--no-header"]
    command += ["--python-version", python, "--python-platform", platform]
    command += ["--exclude-newer", read_settings().exclude_newer, "-"]
    answer = subprocess.run(command, input=requirement, capture_output=True, text=True, check=False)
    if answer.returncode not in (0, WHEN_NONE):
        raise subprocess.CalledProcessError(answer.returncode, command, answer.stdout, answer.stderr)
    return answer.returncode == 0


def iris() -> dict[str, Any]:
    """The sample data set as a manifest would describe it."""
    loaded = load_iris()
    inputs = [{"name": str(name), "type": "float"} for name in loaded.feature_names]
    rows = [[float(value) for value in loaded.data[row]] for row in SAMPLE_ROWS]
    return {"dataset": "iris", "inputs": inputs, "rows": rows}


if __name__ == "__main__":
    run(derive, DATA, sys.argv[1:])
