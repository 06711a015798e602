"""A new project of each framework, as `byocgen new` writes it: it trains its sample, and its own tests pass."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.parametrize("framework", ["xgboost", "lightgbm", "onnx", "python", "pytorch", "transformers"])
def test_the_tests_of_a_new_project_pass(make_project: Callable[..., Path], tmp_path: Path, framework: str) -> None:
    project = make_project(tmp_path / "churn", f"version: 1\nname: churn\nmodel: {{framework: {framework}}}\n")
    subprocess.run([sys.executable, "train.py"], cwd=project, check=True, capture_output=True)

    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--quiet", "-rs"]
    tested = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)

    assert tested.returncode == 0, tested.stdout[-4000:]
    # Rules of the conformance suite may be of another kind of server: one of several models, a batch job's, a stream's.
    skipped = [line for line in tested.stdout.splitlines() if line.startswith("SKIPPED")]
    own = [line for line in skipped if "tests/test_conformance.py" not in line]
    # Tests of tables are for models that read one.
    assert [line for line in own if framework != "transformers" or "the model reads no table" not in line] == []
