"""A generated project, as far as the release flow sees it, and its commands as a person runs them.

Rules: the release package is the scaffold's own, byte for byte. `terraform` is either the real one on the real stack,
or a stand-in on PATH that knows the outputs, so that a failure can be shown in a second and without a plan.
"""

import gzip
import io
import json
import os
import pty
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.aws import overrides
from tests.aws.stand_in import ACCOUNT_ID

REPOSITORY = Path(__file__).resolve().parents[2]
RELEASE = REPOSITORY / "scaffolds" / "base" / "{{cookiecutter.folder}}" / "release"
RECORD = "terraform/release.auto.tfvars.json"

# Prints the outputs and the plan, notes every call, and fails where a test says so.
_FAKE_TERRAFORM = """\
#!/bin/sh
here=$(dirname "$0")
shift
echo "$1" >>"$here/calls"
case $1 in
  output) cat "$here/outputs.json" ;;
  show) cat "$here/plan.json" ;;
  "$FAIL_AT") echo "terraform says why" >&2; exit 3 ;;
  *) printf "${SAY:+%s\\n}" "$SAY" ;;
esac
"""


@dataclass(frozen=True)
class Ran:
    """A command that ended, as the person at the terminal saw it."""

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Project:
    """A project folder and the environment that its commands run in."""

    folder: Path
    environment: Mapping[str, str]

    def release(self, *arguments: str, **environment: str) -> Ran:
        """Run `python -m release`; keywords change the environment, an empty one leaves the variable out."""
        return self.run(sys.executable, "-m", "release", *arguments, **environment)

    def run(self, *command: str, **environment: str) -> Ran:
        """Run a command in the project; keywords change the environment, an empty one leaves the variable out."""
        changed = {**self.environment, **environment}
        kept = {name: value for name, value in changed.items() if value or name not in environment}
        done = subprocess.run(command, cwd=self.folder, env=kept, capture_output=True, text=True, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)

    def write(self, path: str, content: str | bytes) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)

    def read(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

    def record(self, image_digest: str | None, model_key: str | None) -> None:
        self.write(RECORD, json.dumps({"image_digest": image_digest, "model_key": model_key}))

    def tell(self, **values: Any) -> None:
        """Let the stand-in terraform tell these outputs of the default region."""
        outputs = json.loads(self.read("bin/outputs.json"))
        outputs["regions"]["value"]["us-east-1"].update(values)
        self.write("bin/outputs.json", json.dumps(outputs))

    def calls(self) -> list[str]:
        """What the stand-in terraform was called with, but for what only reads."""
        return [call for call in self.read("bin/calls").split() if call not in {"output", "show"}]

    def typed(self, keys: str, *arguments: str) -> Ran:
        """Run `python -m release` at a terminal on which somebody types `keys`."""
        terminal, end = pty.openpty()
        os.write(terminal, keys.encode())
        command = [sys.executable, "-m", "release", *arguments]
        streams: Any = {"stdin": end, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, cwd=self.folder, env=self.environment, **streams) as process:
            stdout, stderr = process.communicate()
        os.close(terminal)
        os.close(end)
        return Ran(process.returncode, stdout, stderr)


def with_fake_terraform(folder: Path, environment: Mapping[str, str], outputs: Mapping[str, Any]) -> Project:
    """A project whose stack has these outputs. Its PATH has no docker; a test adds one."""
    project = Project(folder, {**environment, "PATH": f"{folder / 'bin'}:/usr/bin:/bin", "AWS_MAX_ATTEMPTS": "1"})
    shutil.copytree(RELEASE, folder / "release", ignore=shutil.ignore_patterns("__pycache__"))
    project.record(None, None)
    project.write("terraform/terraform.tfvars", '# the only one\nregion = "us-east-1"\n')
    project.write("payload.json", '{"instances": [[5.1, 3.5, 1.4, 0.2]]}\n')
    (folder / "terraform" / ".terraform").mkdir()
    project.write("bin/outputs.json", json.dumps({name: {"value": value} for name, value in outputs.items()}))
    project.write("bin/plan.json", "{}")
    project.write("bin/calls", "")
    executable(project, "bin/terraform", _FAKE_TERRAFORM)
    return project


def with_real_stack(folder: Path, environment: Mapping[str, str]) -> Project:
    """A project as byocgen wrote it to `folder`, with this virtual environment and the real Terraform.

    But for one resource: the provider waits 50 s for the lifecycle rules of a bucket, at AWS as here, and the release
    flow has nothing to do with them.
    """
    made = Project(folder, environment)
    overrides.hasten(folder / "terraform")
    overrides.write(folder / "terraform")
    with_this_python(made)
    return made


def with_this_python(made: Project) -> None:
    """An environment that is up to date for `make`, in which python is the one that runs the tests."""
    executable(made, ".venv/bin/python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    made.write(".venv/.tools", "")
    made.write(".venv/.ready", "")


def executable(project: Project, path: str, text: str) -> None:
    project.write(path, text)
    (project.folder / path).chmod(0o755)


def archive(content: str) -> bytes:
    """A model.tar.gz that holds one file; the same content gives the same bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        member = tarfile.TarInfo("model.txt")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content.encode()))
    return buffer.getvalue()


def outputs(name: str, registry: str) -> dict[str, Any]:
    """The outputs of a stack in one region, without an endpoint."""
    values = {
        "region": "us-east-1",
        "region_code": "use1",
        "account_id": ACCOUNT_ID,
        "repository_url": f"{registry}/{name}",
        "bucket": f"{name}-use1-{ACCOUNT_ID}",
        "model_prefix": "models/",
        "role_arn": f"arn:aws:iam::{ACCOUNT_ID}:role/{name}",
        "log_group": f"/aws/sagemaker/Endpoints/{name}",
        "endpoint_name": name,
    }
    return {"region": values["region"], "regions": {values["region"]: values}}


def docker_environment(folder: Path) -> dict[str, str]:
    """The machine's Docker with a configuration of its own: `docker login` must not write into the person's."""
    own = Path(os.environ.get("DOCKER_CONFIG", Path.home() / ".docker"))
    host = subprocess.run(
        ["docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"cliPluginsExtraDirs": [str(own / "cli-plugins")]}
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    return {"DOCKER_CONFIG": str(folder), "DOCKER_HOST": host}
