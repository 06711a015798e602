"""Fixtures of the Terraform tests: the command, one initialised folder for all, stacks of their own for each test, and AWS."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.aws.stand_in import StandIn, started

from . import stacks
from .stacks import Stack

NewStack = Callable[..., Stack]


@pytest.fixture(scope="session")
def initialised(terraform: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stack after `terraform init`: the provider is found, and unpacked, once."""
    assert terraform
    stack = stacks.write(tmp_path_factory.mktemp("initialised") / "terraform", os.environ)
    done = stack.terraform("init", "-input=false")
    assert done.returncode == 0, done.stderr
    return stack.folder


@pytest.fixture(scope="module")
def aws() -> Iterator[StandIn]:
    with started() as running:
        yield running


@pytest.fixture(scope="session")
def new_stack(initialised: Path, tmp_path_factory: pytest.TempPathFactory) -> NewStack:
    """Make an initialised stack: `new_stack(environment, name="value", ...)`."""

    def make(environment: Mapping[str, str], /, **values: Any) -> Stack:
        stack = stacks.write(tmp_path_factory.mktemp("stack") / "terraform", environment, **values)
        shutil.copytree(initialised / ".terraform", stack.folder / ".terraform", symlinks=True)
        shutil.copy(initialised / ".terraform.lock.hcl", stack.folder)
        return stack

    return make
