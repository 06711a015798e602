"""Projects of several frameworks, their sample models and their images, as a project's `make build` builds them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import joblib
import numpy as np
from tests.image.container import engine

if TYPE_CHECKING:
    from pathlib import Path

FRAMEWORKS = ("sklearn", "xgboost", "onnx")
"""Those whose images are built; PyTorch's are gigabytes. The first is the one that most tests look at."""
DESCRIPTION = """It's "churn" $HOME ${PATH:-x} %{x} \\ \\n `id` # é {{ x }}"""
BUILD = ("build", "--progress=plain", "--provenance=false", "--sbom=false", "--platform", "linux/amd64")


@dataclass(frozen=True, slots=True)
class Image:
    """An image to build: the project it is made of, where its sample model is to lie, and its tag."""

    framework: str
    project: Path
    model: Path

    @property
    def tag(self) -> str:
        return f"byocgen-test:{self.framework}-{os.getpid()}"

    def build(self, *options: str, tag: str = "") -> str:
        """Build the image and return its tag; its layers stay in the engine's cache for the next session."""
        engine(*BUILD, *options, "--tag", tag or self.tag, str(self.project))
        return tag or self.tag

    def train(self) -> None:
        """Train the sample beside the project, and put it where the platform would: readable by every uid."""
        workshop = self.model.with_name("workshop")
        shutil.copytree(self.project, workshop)
        subprocess.run([sys.executable, "train.py"], cwd=workshop, check=True, capture_output=True)
        shutil.copytree(workshop / "model", self.model)
        readable(self.model)

    def made(self) -> Image:
        """Train and build."""
        self.train()
        self.build()
        return self


def manifest(framework: str) -> str:
    """Return a manifest with a description that other languages would read something into."""
    return f"""\
version: 1
name: churn
description: {json.dumps(DESCRIPTION)}
model: {{framework: {framework}, python: "3.12"}}
"""


def readable(folder: Path) -> Path:
    """Open a folder, all in it and the two above it, which pytest made for their owner only, to every uid."""
    for path in (*folder.parents[:2], folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def heavy(sample: Path, folder: Path) -> Path:
    """Write scikit-learn's sample model with 30 MiB of ballast into a new folder, and return it."""
    model = joblib.load(sample / "model.joblib")
    model.ballast = np.ones(30 * 1024**2 // 8)
    folder.mkdir()
    joblib.dump(model, folder / "model.joblib")
    return readable(folder)
