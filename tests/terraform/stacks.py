"""A copy of a rendered stack, and what one run of terraform on it did.

Rules: what is tested is the project as byocgen writes it; only the stand-in's settings and the release are added here.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.aws import overrides

APPLY = ("apply", "-auto-approve", "-input=false", "-json")
BUCKET = "churn-use1-123456789012"


@dataclass(frozen=True)
class Run:
    """What one `terraform apply` or `plan` did."""

    status: int
    changes: Mapping[str, str]  # address -> create, update, delete, replace; what stays as it is has no entry
    errors: tuple[str, ...]  # summary and detail, in one line each
    outputs: Mapping[str, Any]


@dataclass(frozen=True)
class Stack:
    """A root stack on disk, and the environment in which terraform runs on it."""

    folder: Path
    environment: Mapping[str, str]

    def terraform(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["terraform", f"-chdir={self.folder}", *arguments]
        return subprocess.run(command, env=dict(self.environment), capture_output=True, text=True, check=False)

    def begin_apply(self) -> subprocess.Popen[bytes]:
        """Apply in the background; `finish_apply` waits for it."""
        with (self.folder / "apply.json").open("wb") as output:
            command = ["terraform", f"-chdir={self.folder}", *APPLY]
            return subprocess.Popen(command, env=dict(self.environment), stdout=output, stderr=subprocess.STDOUT)

    def finish_apply(self, process: subprocess.Popen[bytes]) -> Run:
        status = process.wait()
        return _read(status, (self.folder / "apply.json").read_text(encoding="utf-8"))

    def release(self, digit: str | None) -> None:
        """Record a release whose digest and model hash are `digit`, 64 times; None: nothing is released."""
        values = {
            "image_digest": digit and f"sha256:{digit * 64}",
            "model_key": digit and f"models/{digit * 64}/model.tar.gz",
        }
        (self.folder / "release.auto.tfvars.json").write_text(json.dumps(values), encoding="utf-8")

    def apply(self) -> Run:
        return self._run(*APPLY)

    def apply_planned(self) -> tuple[Run, dict[str, Any]]:
        """Apply a saved plan, as `make apply` does; what it did, and the plan as `terraform show` tells it."""
        planned = self.terraform("plan", "-input=false", "-json", "-out=planned")
        shown = self.terraform("show", "-json", "planned")
        applied = self.terraform("apply", "-input=false", "-json", "planned")
        return _read(applied.returncode, planned.stdout + applied.stdout), json.loads(shown.stdout)

    def destroy(self) -> Run:
        return self._run("destroy", "-auto-approve", "-input=false", "-json")

    def plan(self) -> Run:
        return self._run("plan", "-detailed-exitcode", "-input=false", "-json")

    def _run(self, *arguments: str) -> Run:
        done = self.terraform(*arguments)
        return _read(done.returncode, done.stdout)

    def planned(self) -> dict[str, dict[str, Any]]:
        """Address -> values of every resource, as `terraform show` tells a plan."""
        self.terraform("plan", "-input=false", "-out=planned").check_returncode()
        shown = self.terraform("show", "-json", "planned")
        shown.check_returncode()
        root = json.loads(shown.stdout)["planned_values"]["root_module"]
        return {resource["address"]: resource.get("values", {}) for resource in _managed(root)}


def write(source: Path, folder: Path, environment: Mapping[str, str]) -> Stack:
    """Copy the stack at `source` to `folder`, with what terraform needs for the stand-in; nothing is initialised."""
    shutil.copytree(source, folder)
    overrides.write(folder)
    return Stack(folder, environment)


KEPT = ("terraform.tfstate", "release.auto.tfvars.json")


def replace(source: Path, folder: Path) -> None:
    """Put another rendered stack in the place of the one in `folder`, whose state and release stay; without the long wait."""
    for path in folder.iterdir():
        if not path.name.startswith(KEPT):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    kept = shutil.ignore_patterns(*[name for name in KEPT if (folder / name).exists()])
    shutil.copytree(source, folder, ignore=kept, dirs_exist_ok=True)
    overrides.write(folder)
    overrides.hasten(folder)


def _managed(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The resources of a module and of all below it."""
    yield from (resource for resource in module.get("resources", []) if resource["mode"] == "managed")
    for below in module.get("child_modules", []):
        yield from _managed(below)


def _read(status: int, output: str) -> Run:
    """Terraform's machine-readable output: one JSON object a line."""
    events = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    changes = [event["change"] for event in events if event["type"] == "planned_change"]
    diagnostics = [event["diagnostic"] for event in events if event["type"] == "diagnostic"]
    outputs = [event["outputs"] for event in events if event["type"] == "outputs"]
    return Run(
        status=status,
        changes={change["resource"]["addr"]: change["action"] for change in changes if change["action"] != "read"},
        errors=tuple(_one_line(found) for found in diagnostics if found["severity"] == "error"),
        outputs={name: output.get("value") for name, output in (outputs[-1] if outputs else {}).items()},
    )


def _one_line(diagnostic: Mapping[str, str]) -> str:
    return " ".join(f"{diagnostic['summary']}: {diagnostic.get('detail', '')}".split())
