"""``memory.json``: what serving takes of memory, by framework, measured with the scaffolds' own loaders.

Each model of ``memory_models`` is loaded in a process of its own, inside a project that byocgen makes for its framework; of
several models the one that takes most counts. It prints a proposal and writes nothing: a part of what grows is libraries
that a load imports, which a person takes off by a second size (WIDTH, LAYERS) before the numbers are committed. Nothing
compares the committed file: two machines never agree to the megabyte. Takes some minutes.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from derive.memory_models import MAKERS, Maker

PROBE = Path(__file__).with_name("memory_probe.py")
LIBRARIES = {"pytorch": "torch", "onnx": "onnxruntime"}
PROCESS_MIB = {
    "sklearn": 256, "xgboost": 256, "lightgbm": 256, "pytorch": 400, "transformers": 512, "onnx": 128, "python": 128,
}  # fmt: skip
"""A worker without a model, rounded up from what was measured of the whole server with a small one: 184 to 215 MB
scikit-learn, 208 MB xgboost, 205 MB lightgbm (both import scikit-learn), 372 MB torch, 468 MB transformers, 98 MB
onnxruntime, 74 MB no library."""
FORKED_MIB = {"sklearn": 64}
"""A worker that is a fork of the process that has the model: 43 MiB of its own (proportional) with four of them. The server
forks the others' too (25 to 37 MiB more with each), but not where a model_fn leaves threads, as theirs may: not planned with."""
UNKNOWN = {"held": 1.0, "peak": 2.0, "mapped": 0.0}
"""Of a model that inference.py loads, nobody knows: held once, and read as a whole before it is made."""


def main() -> None:
    """Measure, and print the rows."""
    for name in PROCESS_MIB:
        sys.stdout.write(json.dumps(row(name)) + "\n")


def row(framework: str) -> dict[str, Any]:
    """One framework's facts: factors are rounded up, the shared part down, to a tenth."""
    found = [measured(framework, maker) for maker in MAKERS.get(framework, ())] or [UNKNOWN]
    mapped = min(one["mapped"] for one in found)
    return {
        "framework": framework,
        "process_mib": PROCESS_MIB[framework],
        "held": max(1.0, _up(max(one["held"] + one["mapped"] for one in found))),
        "peak": max(1.0, _up(max(one["peak"] + one["mapped"] for one in found))),
        "sharing": "forked" if framework in FORKED_MIB else "none",
        "shared": min(1.0, math.floor(mapped * 10) / 10),
        "more_worker_mib": FORKED_MIB.get(framework, PROCESS_MIB[framework]),
    }


def measured(framework: str, maker: Maker) -> dict[str, float]:
    """Make a model, load it in a fresh process; what grew, times the model's bytes."""
    with tempfile.TemporaryDirectory() as temporary:
        model = Path(temporary) / "model"
        model.mkdir()
        size = maker(model)
        arguments = ["-m", "byocgen", "new", "probe", "--framework", framework, "--output", temporary, "--yes"]
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        command = [sys.executable, str(PROBE), LIBRARIES.get(framework, framework)]
        project = Path(temporary) / "probe"
        environ = {**os.environ, "SM_MODEL_DIR": str(model), "PYTHONPATH": str(project), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=project, env=environ, check=True, capture_output=True, text=True)
    grown: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    times = {name: kib * 1024 / size for name, kib in grown.items()}
    shown = ", ".join(f"{name} {value:.2f}" for name, value in times.items())
    sys.stdout.write(f"{framework} {maker.__name__}, {size / 1024**2:.0f} MiB: {shown}\n")
    sys.stdout.flush()
    return times


def _up(number: float) -> float:
    return math.ceil(round(number * 10, 1)) / 10


if __name__ == "__main__":
    main()
