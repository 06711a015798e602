"""The Terraform stack: plan and apply it, and read where it put things, region by region.

Rules: Terraform never asks, and its own output is shown as it comes; its exit status becomes ours. Before it runs, AWS
was asked who we are.
"""

import functools
import json
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TextIO

from . import caller, process
from .failures import ApplyError, ReleaseError
from .record import ROOT

FOLDER = ROOT / "terraform"


@dataclass(frozen=True)
class Stack:
    """Terraform's outputs of one region: where the registry, the bucket and the endpoint are."""

    region: str
    region_code: str
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
        return key if key.startswith("s3://") else f"s3://{self.bucket}/{key}"


def find() -> tuple[Stack, ...]:
    """The applied stack in each of its regions, the default one first; empty when nothing is applied, or not all of it."""
    outputs = _outputs()
    home, regions = outputs.get("region"), outputs.get("regions", {})
    names = sorted(regions, key=lambda region: (region != home, region))
    values = [{field.name: regions[name].get(field.name) for field in fields(Stack)} for name in names]
    missing = [key for one in values for key, value in one.items() if value is None and key != "endpoint_arn"]
    return () if missing else tuple(Stack(**one) for one in values)


def require() -> tuple[Stack, ...]:
    """The applied stack in each of its regions, or an error that says how to apply it."""
    stacks = find()
    if not stacks:
        raise ReleaseError("the registry, the bucket and the roles do not exist yet: run `make infra` first")
    return stacks


def output(name: str, region: str) -> Any:
    """One more output of a region; None where it has no value."""
    return _outputs()["regions"][region].get(name)


def replicated(what: str) -> bool:
    """Whether AWS itself brings "images" or "models" from the default region to the others."""
    return f"{what}_replicated" in _outputs()


@functools.cache
def _outputs() -> dict[str, Any]:
    """Every output that has a value: Terraform leaves out those that are null."""
    _ready()
    if not (FOLDER / ".terraform").is_dir():  # a fresh clone: without init, a remote state cannot be read
        init()
    done = process.capture([*_TERRAFORM, "output", "-json"])
    if done.status:
        raise ReleaseError(f"terraform output failed: {_in_one_line(done.stderr)}", done.status)
    return {name: output["value"] for name, output in json.loads(done.stdout).items()}


@functools.cache
def init() -> None:
    """Once for a command; a failure is not remembered."""
    _ready()
    _terraform("init", "-input=false")


def plan() -> None:
    init()
    _terraform("plan", "-input=false", to=sys.stdout)


def apply(only: Collection[str] | None = None, guard: Callable[[Mapping[str, Any]], None] | None = None) -> None:
    """Apply exactly what the printed plan says; with `only`, an endpoint in no other region.

    `guard` is shown the plan as data before anything changes, and raises where that must not be.
    """
    init()
    settings = {} if only is None else {"TF_VAR_released_regions": json.dumps(sorted(only))}
    # A plan holds values of the state, so it does not go into the project, where it could be committed.
    with tempfile.TemporaryDirectory() as folder:
        planned = str(Path(folder, "plan"))
        _terraform("plan", "-input=false", f"-out={planned}", settings=settings)
        if guard is not None:
            guard(_shown(planned))
        try:
            _terraform("apply", "-input=false", planned)
        except ReleaseError as failure:
            raise ApplyError(failure.message, failure.status) from None


def _shown(planned: str) -> Mapping[str, Any]:
    done = process.capture([*_TERRAFORM, "show", "-json", planned])
    if done.status:
        raise ReleaseError(f"terraform show failed: {_in_one_line(done.stderr)}", done.status)
    shown: Mapping[str, Any] = json.loads(done.stdout)
    return shown


def destroy(*arguments: str) -> None:
    init()
    _terraform("destroy", "-input=false", "-auto-approve", *arguments)


_TERRAFORM = ("terraform", f"-chdir={FOLDER}")


def _ready() -> None:
    """What Terraform needs: itself, and credentials that AWS knows."""
    process.locate("terraform")
    caller.account_id()


def _terraform(*arguments: str, to: TextIO = sys.stderr, settings: Mapping[str, str] | None = None) -> None:
    status = process.show([*_TERRAFORM, *arguments], to, settings)
    _outputs.cache_clear()
    if status:
        raise ReleaseError(f"terraform {arguments[0]} failed with exit status {status}; what it said is above", status)


def _in_one_line(text: str) -> str:
    """Terraform draws a box around its errors; the words are what counts."""
    return " ".join(word for word in text.split() if word not in {"│", "╷", "╵"})
