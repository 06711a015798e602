"""The Terraform stack: plan and apply it, and read where it put things.

Rules: Terraform never asks, and its own output is shown as it comes; its exit status becomes ours. Before it runs, AWS
was asked who we are.
"""

import functools
import json
import sys
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TextIO

from . import caller, process
from .failures import ApplyError, ReleaseError
from .record import ROOT

FOLDER = ROOT / "terraform"


@dataclass(frozen=True)
class Stack:
    """Terraform's outputs: where the registry, the bucket and the endpoint are."""

    region: str
    account_id: str
    repository_url: str
    bucket: str
    model_prefix: str
    log_group: str
    endpoint_name: str
    endpoint_arn: str | None  # Terraform leaves outputs out that are null: no endpoint yet

    @property
    def registry(self) -> str:
        return self.repository_url.split("/", 1)[0]

    @property
    def repository(self) -> str:
        return self.repository_url.split("/", 1)[1]

    def model_url(self, key: str) -> str:
        """The address that SageMaker fetches the model from."""
        return f"s3://{self.bucket}/{key}"


def find() -> Stack | None:
    """The applied stack; None when nothing is applied, or not all of it."""
    _ready()
    if not (FOLDER / ".terraform").is_dir():  # a fresh clone: without init, a remote state cannot be read
        init()
    done = process.capture([*_TERRAFORM, "output", "-json"])
    if done.status:
        raise ReleaseError(f"terraform output failed: {_in_one_line(done.stderr)}", done.status)
    outputs = {name: output["value"] for name, output in json.loads(done.stdout).items()}
    values: dict[str, Any] = {field.name: outputs.get(field.name) for field in fields(Stack)}
    missing = [name for name, value in values.items() if value is None and name != "endpoint_arn"]
    return None if missing else Stack(**values)


def require() -> Stack:
    """The applied stack, or an error that says how to apply it."""
    stack = find()
    if stack is None:
        raise ReleaseError("the registry, the bucket and the roles do not exist yet: run `make infra` first")
    return stack


@functools.cache
def init() -> None:
    """Once for a command; a failure is not remembered."""
    _ready()
    _terraform("init", "-input=false")


def plan() -> None:
    init()
    _terraform("plan", "-input=false", to=sys.stdout)


def apply() -> None:
    """Apply exactly what the printed plan says, without a question."""
    init()
    # A plan holds values of the state, so it does not go into the project, where it could be committed.
    with tempfile.TemporaryDirectory() as folder:
        planned = str(Path(folder, "plan"))
        _terraform("plan", "-input=false", f"-out={planned}")
        try:
            _terraform("apply", "-input=false", planned)
        except ReleaseError as failure:
            raise ApplyError(failure.message, failure.status) from None


def destroy() -> None:
    init()
    _terraform("destroy", "-input=false", "-auto-approve")


_TERRAFORM = ("terraform", f"-chdir={FOLDER}")


def _ready() -> None:
    """What Terraform needs: itself, and credentials that AWS knows."""
    process.locate("terraform")
    caller.account_id()


def _terraform(*arguments: str, to: TextIO = sys.stderr) -> None:
    status = process.show([*_TERRAFORM, *arguments], to)
    if status:
        raise ReleaseError(f"terraform {arguments[0]} failed with exit status {status}; what it said is above", status)


def _in_one_line(text: str) -> str:
    """Terraform draws a box around its errors; the words are what counts."""
    return " ".join(word for word in text.split() if word not in {"│", "╷", "╵"})
