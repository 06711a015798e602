"""The generated server, as a user has it: `byocgen new`, `make setup model`, `python -m serving serve`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import workloads
from benchmarks.environments import CACHE, Unavailable
from benchmarks.peers import Peer, Start

if TYPE_CHECKING:
    from benchmarks.workloads import Workload

FRAMEWORKS = {
    "logistic": "sklearn",
    "forest": "sklearn",
    "xgboost": "xgboost",
    "classifier": "transformers",
    "generator": "transformers",
}
FILES = {"logistic": "model.joblib", "forest": "model.joblib", "xgboost": "model.ubj"}
XGBOOST = ('model.framework_version="3.2.0"',)
TASKS = {"classifier": "text-classification", "generator": "text-generation"}


@dataclass(frozen=True)
class Ours(Peer):
    """A generated project; `optimize` is the manifest's `serving.optimize`, `settings` are lines of serving.toml to change."""

    optimize: str = "auto"
    settings: tuple[tuple[str, str], ...] = ()
    log_level: str = "INFO"

    def python(self, model: str) -> Path:
        """Make the project of a model; return the interpreter of its environment."""
        project = (CACHE / "projects" / f"{model}-{self.optimize}").absolute()
        if not (project / ".made").exists():
            shutil.rmtree(project, ignore_errors=True)
            self._new(project, model)
            _run(["make", "setup", "model", f"PYTHON={sys.executable}"], project)
            (project / ".made").touch()
        return project / ".venv" / "bin" / "python"

    def _new(self, project: Path, model: str) -> None:
        settings = ["serving.workers=2", f"serving.optimize={self.optimize}", 'model.python="3.11"']
        settings += XGBOOST if model == "xgboost" else ()
        settings += [f"model.task={TASKS[model]}"] if model in TASKS else []
        settings += ["serving.stream=true"] if model == "generator" else []
        artifact = CACHE / "models" / model / FILES.get(model, "")
        command = [sys.executable, "-m", "byocgen", "new", project.name, "--output", str(project.parent)]
        command += [
            "--framework",
            FRAMEWORKS[model],
            "--artifact",
            str(artifact.absolute()),
            "--instance-type",
            "ml.m5.large",
            "--yes",
        ]
        project.parent.mkdir(parents=True, exist_ok=True)
        _run([*command, *(part for one in settings for part in ("--set", one))], Path())

    def environment(self, start: Start) -> dict[str, str]:
        """What SageMaker gives, and nothing more."""
        project = self._project(start)
        model = (CACHE / "projects" / f"{start.model}-{self.optimize}" / "model").absolute()
        return {
            "SM_MODEL_DIR": str(model),
            "SAGEMAKER_BIND_TO_PORT": str(start.port),
            "SM_LOG_LEVEL": self.log_level,
            "PYTHONPATH": str(project),
        }

    def _project(self, start: Start) -> Path:
        """A copy of the project with so many workers, in the folder that the server starts in."""
        source = (CACHE / "projects" / f"{start.model}-{self.optimize}").absolute()
        shutil.copytree(source / "serving", start.folder / "serving", dirs_exist_ok=True)
        shutil.copy(source / "inference.py", start.folder)
        changes = {"workers": str(start.workers), **dict(self.settings)}
        lines = (source / "serving.toml").read_text("utf-8").splitlines()
        changed = [_changed(line, changes) for line in lines]
        (start.folder / "serving.toml").write_text("\n".join(changed) + "\n", "utf-8")
        return start.folder


def _changed(line: str, changes: dict[str, str]) -> str:
    key = line.partition(" = ")[0]
    return f"{key} = {changes[key]}" if key in changes else line


def _body(workload: Workload, rows: list[Any]) -> bytes:
    if workload.model == "generator":
        parameters = {"max_new_tokens": workloads.TOKENS, "do_sample": False}
        return json.dumps({"inputs": rows[0], "parameters": parameters}).encode()
    if workload.model == "classifier":
        return json.dumps({"inputs": rows}).encode()
    return workloads.csv(rows) if workload.form == "csv" else workloads.plain(rows)


def _answer(body: bytes) -> list[str]:
    if not body.startswith((b"{", b"[")):
        return body.decode().split()
    found = json.loads(body)
    rows = found["predictions"] if isinstance(found, dict) else found
    return [str(one["label"]) if isinstance(one, dict) else str(one) for one in rows]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"{' '.join(command[:4])} ... failed: {(done.stderr or done.stdout)[-600:]}")


MODELS = ("logistic", "forest", "xgboost", "classifier", "generator")


def ours(  # noqa: PLR0913 - what a server may differ by
    name: str,
    *,
    optimize: str = "auto",
    settings: tuple[tuple[str, str], ...] = (),
    models: tuple[str, ...] = MODELS,
    agreeing: float = 1.0,
    log_level: str = "INFO",
) -> Ours:
    """A generated project that serves every model there is."""
    return Ours(
        name,
        (),
        lambda python, _start: [str(python), "-m", "serving", "serve"],
        models=models,
        forms=("json", "csv"),
        body=_body,
        answer=_answer,
        agreeing=agreeing,
        optimize=optimize,
        settings=settings,
        log_level=log_level,
    )


OURS: list[Peer] = [
    ours("byocgen"),
    ours("byocgen, library itself", optimize="off"),
    # A line of log for each request is on unless it is switched off; of the peers, none writes one here.
    ours("byocgen, requests not logged", log_level="WARNING", models=("logistic",)),
    # Of random weights every text is close to a tie, which 8 bits may turn.
    ours("byocgen, int8", optimize="int8", models=("classifier",), agreeing=0.9),
]
