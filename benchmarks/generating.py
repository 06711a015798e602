"""byocgen itself: `--help`, `new` warm, and how rendering grows with the number of manifests."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.environments import CACHE
from benchmarks.load import median

if TYPE_CHECKING:
    from collections.abc import Callable

FRAMEWORKS = ("sklearn", "xgboost", "lightgbm", "pytorch", "transformers", "onnx", "python")


def measure(rounds: int, manifests: int) -> dict[str, float]:
    """Time each, in seconds; medians of `rounds`."""
    target = CACHE / "new"

    def clear() -> None:
        shutil.rmtree(target, ignore_errors=True)

    def new() -> None:
        _run("new", target.name, "--framework", "sklearn", "--output", str(target.parent), "--yes")

    clear()
    new()
    found = {
        "byocgen --help": _timed(lambda: _run("--help"), rounds),
        "byocgen new, warm": _timed(new, rounds, before=clear),
        "python -c pass": _timed(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True), rounds),
    }
    found.update(_many(manifests))
    return found


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "byocgen", *arguments], check=True, capture_output=True)


def _timed(act: Callable[[], object], rounds: int, before: Callable[[], object] = lambda: None) -> float:
    spells = []
    for _ in range(rounds):
        before()
        began = time.perf_counter()
        act()
        spells.append(time.perf_counter() - began)
    return median(spells)


def _many(manifests: int) -> dict[str, float]:
    from byocgen import workflow  # noqa: PLC0415

    began = time.perf_counter()
    files = 0
    half = 0.0
    for number in range(manifests):
        framework = FRAMEWORKS[number % len(FRAMEWORKS)]
        text = f"version: 1\nname: model-{number}\nmodel: {{framework: {framework}}}\n"
        files += len(workflow.generate(text.encode(), "byocgen.yaml").tree)
        if number + 1 == manifests // 2:
            half = time.perf_counter() - began
    whole = time.perf_counter() - began
    return {
        f"{manifests} manifests in one process": whole,
        "second half against the first": (whole - half) / half if half else 0.0,
        "files": float(files),
    }
