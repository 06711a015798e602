"""``frameworks.json``: the versions of each framework that can be locked, and the sample that a project can train.

A version is listed with a Python when the index has wheels of it for that Python on both platforms an image can have.
Which versions are asked about is SOURCES; the first of a framework is its default. Asking needs the network and ``uv``.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sklearn.datasets import load_iris

from derive.lock_sources import cuda_builds, torch_version
from derive.locking import UV, read_settings
from derive.outputs import CATALOG, Output, rows_document, run

DATA = CATALOG / "data" / "frameworks.json"
PYTHONS = ("3.13", "3.12", "3.11")
DEFAULT_PYTHON = "3.12"
SOURCE = (
    "the Python package index: versions with wheels for manylinux x86_64 and aarch64; "
    "cuda: derive/cuda_builds.json; sample: scikit-learn's own copy of iris"
)
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28")
SAMPLE_ROWS = (0, 100)  # a setosa and a virginica: two rows whose predictions differ
WHEN_NONE = 1  # uv's exit status when no version fits


@dataclass(frozen=True, slots=True)
class FrameworkSource:
    """What a person decides about a framework; the rest is asked of the index.

    The first version is the default. A framework without a distribution has no version, which is written as the empty text.
    """

    name: str
    title: str
    distribution: str
    versions: tuple[str, ...]
    gpu_distribution: str = ""
    iris: bool = False


SOURCES = (
    FrameworkSource(
        name="sklearn",
        title="scikit-learn",
        distribution="scikit-learn",
        versions=("1.9.1", "1.9.0", "1.8.0", "1.7.2", "1.6.1", "1.5.2"),
        iris=True,
    ),
    # The build without CUDA: 6 MB where `xgboost` has 58 and pulls 300 more of NCCL. macOS takes `xgboost`.
    FrameworkSource(
        name="xgboost",
        title="XGBoost",
        distribution="xgboost-cpu",
        gpu_distribution="xgboost",
        versions=("3.4.1", "3.3.0", "3.2.0", "3.1.3"),
        iris=True,
    ),
    FrameworkSource(
        name="lightgbm",
        title="LightGBM",
        distribution="lightgbm",
        versions=("4.7.0", "4.6.0", "4.5.0"),
        iris=True,
    ),
    # The default is the version whose CPU build was run: PyTorch's own index cannot be asked from everywhere.
    FrameworkSource(
        name="pytorch",
        title="PyTorch",
        distribution="torch",
        gpu_distribution="torch",
        versions=("2.13.0", "2.15.0", "2.14.1", "2.12.1", "2.10.0"),
        iris=True,
    ),
    FrameworkSource(
        name="transformers",
        title="Transformers",
        distribution="transformers",
        gpu_distribution="transformers",
        versions=("5.23.0", "5.22.2", "5.21.1"),
    ),
    FrameworkSource(
        name="onnx",
        title="ONNX Runtime",
        distribution="onnxruntime",
        gpu_distribution="onnxruntime-gpu",
        versions=("1.32.0", "1.31.1", "1.30.0", "1.29.0", "1.26.0"),
        iris=True,
    ),
    FrameworkSource(name="python", title="Python", distribution="", versions=("",), iris=True),
)


def derive(derived: str) -> list[Output]:
    """One output: the frameworks, each version with its Pythons."""
    rows = [framework(source) for source in SOURCES]
    return [Output(DATA, rows_document(SOURCE, derived, frameworks=rows))]


def framework(source: FrameworkSource) -> dict[str, Any]:
    """One row."""
    choices = [(version, python) for version in source.versions for python in PYTHONS]
    with ThreadPoolExecutor() as pool:  # the index's answers take longer than anything here
        there = pool.map(lambda choice: not choice[0] or has_wheels(source, *choice), choices)
        offered = {choice for choice, found in zip(choices, there, strict=True) if found}
    versions = {version: [python for python in PYTHONS if (version, python) in offered] for version in source.versions}
    return {
        "name": source.name,
        "title": source.title,
        "distribution": source.distribution,
        "gpu_distribution": source.gpu_distribution,
        "default_version": source.versions[0],
        "default_python": DEFAULT_PYTHON,
        "versions": {version: pythons for version, pythons in versions.items() if pythons},
        "cuda": {
            version: cuda_builds()[source.name, version]
            for version in versions
            if (source.name, version) in cuda_builds()
        },
        "torch": {version: torch for version in versions if (torch := torch_version(source.name, version))},
        "sample": iris() if source.iris else None,
    }


def has_wheels(source: FrameworkSource, version: str, python: str) -> bool:
    """Whether the index has the version's wheel for this Python on every platform. Raises where uv itself fails."""
    return all(_has_wheel(f"{source.distribution}=={version}", python, platform) for platform in PLATFORMS)


def _has_wheel(requirement: str, python: str, platform: str) -> bool:
    command = [*UV, "pip", "compile", "--quiet", "--no-deps", "--only-binary", ":all:", "--no-header"]
    command += ["--no-python-downloads"]
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
