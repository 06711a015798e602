"""A project of one framework, put together from its layer, with settings and an inference.py of the test's own."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

SCAFFOLDS = Path(__file__).resolve().parents[2] / "scaffolds"
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "serving"))

from app_under_test import SERVER  # noqa: E402


def assemble(project: Path, framework: str, inference: str = "", task: str = "", **server: int | bool | str) -> Path:
    """Write serving/, serving.toml and inference.py into a new folder."""
    for layer in ("base", framework):
        source = SCAFFOLDS / layer / "{{cookiecutter.folder}}"
        shutil.copytree(source / "serving", project / "serving", dirs_exist_ok=True)
    model = {"name": "churn", "framework": framework, "framework_version": "1", "python": "3.12", "task": task}
    # A timeout that no first prediction of a framework exceeds, however busy the machine.
    numbers: dict[str, int | bool | str] = {**SERVER, "max_payload_bytes": 1_000_000, **server}
    lines = ["[model]", *(f"{key} = {json.dumps(value)}" for key, value in model.items())]
    lines += ["[server]", *(f"{key} = {json.dumps(value)}" for key, value in numbers.items())]
    (project / "serving.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (project / "inference.py").write_text(inference, encoding="utf-8")
    return project


def train(framework: str, folder: Path) -> Path:
    """Run the layer's train.py in a folder; give the model's folder."""
    folder.mkdir()
    for path in (SCAFFOLDS / framework / "{{cookiecutter.folder}}").iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    shutil.copy(SCAFFOLDS / "base" / "{{cookiecutter.folder}}" / "package.py", folder)
    subprocess.run([sys.executable, "-W", "error", "train.py"], cwd=folder, check=True, capture_output=True)
    return folder / "model"
