"""Fixtures of the Terraform tests: rendered stacks, one folder that is initialised for all of them, and an AWS.

Rules: every stack is a manifest that byocgen rendered; a test that changes or applies one has a copy of its own.
"""

import contextlib
import itertools
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.aws.stand_in import StandIn, started

from . import earlier, stacks
from .stacks import Stack

MakeProject = Callable[[Path, str], Path]
NewStack = Callable[..., Stack]  # new_stack(environment, tags={...}, security={...}): a manifest with these blocks

MANIFEST: Mapping[str, Any] = {
    "version": 1,
    "name": "churn",
    "model": {"framework": "sklearn"},
    "endpoint": {"instance_type": "ml.m6g.xlarge", "instance_count": 2, "volume_size_gib": 30},
}
# Values that nobody quotes right by chance. AWS itself refuses quotes and braces in tags.
HOSTILE = {
    "QUOTES": "\"double\" 'single' `back`",
    "TEMPLATES": "${var.name} $${escaped} %{if true}yes%{endif} {{ jinja }} $(touch /tmp/pwned)",
    "BACKSLASHES": "C:\\new\\table \\${x} \\",
    "LINES": "first\nsecond\r\n\tthird\n<<EOT\nEOT\n",
    "UNICODE": "naïve — 予測 🜲 \u2028",
    "COMMENTS": "a # b // c /* d */",
    "PATHS": "../../etc/passwd",
    "EMPTY": "",
}
TAGS = {"team": "Größe + Zahl", "cost/center@x": "a=b: 予測_1.2-3"}


@pytest.fixture(scope="session")
def rendered(make_project: MakeProject, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Terraform of a project with MANIFEST, to read."""
    return make_project(tmp_path_factory.mktemp("rendered") / "churn", yaml.safe_dump(dict(MANIFEST))) / "terraform"


@pytest.fixture(scope="session")
def initialised(terraform: str, rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after `terraform init`: the provider is found, and unpacked, once."""
    assert terraform
    stack = stacks.write(rendered, tmp_path_factory.mktemp("initialised") / "terraform", os.environ)
    done = stack.terraform("init", "-input=false")
    assert done.returncode == 0, done.stderr
    return stack.folder


@pytest.fixture(scope="session")
def new_stack(initialised: Path, make_project: MakeProject, tmp_path_factory: pytest.TempPathFactory) -> NewStack:
    """Make an initialised stack from MANIFEST and the blocks given."""

    def make(environment: Mapping[str, str], **blocks: Any) -> Stack:
        folder = tmp_path_factory.mktemp("stack")
        project = make_project(folder / "churn", yaml.safe_dump({**MANIFEST, **blocks}))
        stack = stacks.write(project / "terraform", folder / "terraform", environment)
        shutil.copytree(initialised / ".terraform", stack.folder / ".terraform", symlinks=True)
        shutil.copy(initialised / ".terraform.lock.hcl", stack.folder)
        return stack

    return make


@pytest.fixture(scope="session")
def aws() -> Iterator[StandIn]:
    with started() as running:
        yield running


@pytest.fixture(scope="session")
def living(new_stack: NewStack, aws: StandIn) -> Stack:
    """The stack whose life `test_life` tells."""
    return new_stack(aws.environment(), serving={"environment": HOSTILE}, tags=TAGS)


@pytest.fixture(scope="session")
def founding(living: Stack) -> Iterator[subprocess.Popen[bytes]]:
    """Its first apply, under way."""
    with living.begin_apply() as process:
        yield process
        process.terminate()


@pytest.fixture(scope="module")
def changing_aws() -> Iterator[StandIn]:
    """An AWS of its own, for the same reason as the next."""
    with started() as running:
        yield running


@pytest.fixture(scope="module")
def changing(
    initialised: Path, changing_aws: StandIn, make_project: MakeProject, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Stack, Callable[[Mapping[str, Any]], None]]:
    """A stack without lifecycle rules, and what renders another manifest over it; the release and the state stay."""
    folder = tmp_path_factory.mktemp("changing")
    stack = Stack(folder / "terraform", changing_aws.environment())
    stack.folder.mkdir()
    numbers = itertools.count()

    def render(blocks: Mapping[str, Any]) -> None:
        project = make_project(folder / f"{next(numbers)}", yaml.safe_dump({**MANIFEST, **blocks}))
        stacks.replace(project / "terraform", stack.folder)
        if not (stack.folder / ".terraform").exists():
            providers = initialised / ".terraform" / "providers"
            shutil.copytree(providers, stack.folder / ".terraform" / "providers", symlinks=True)
        shutil.copy(initialised / ".terraform.lock.hcl", stack.folder)
        done = stack.terraform("init", "-input=false")
        assert done.returncode == 0, done.stderr

    return stack, render


@pytest.fixture(scope="session")
def earlier_aws() -> Iterator[StandIn]:
    """An AWS of its own: the life of the other stack is told by all that is in its AWS."""
    with started() as running:
        yield running


@pytest.fixture(scope="session")
def earlier_stack(initialised: Path, earlier_aws: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """The last release's stack under names that it had before, as `test_upgrade` finds it."""
    folder = tmp_path_factory.mktemp("earlier")
    stack = stacks.write(earlier.last_release(folder / "released"), folder / "terraform", earlier_aws.environment())
    earlier.rename(stack.folder)
    earlier.prepare(stack, initialised)
    return stack


@pytest.fixture(scope="session")
def earlier_founding(earlier_stack: Stack) -> Iterator[subprocess.Popen[bytes]]:
    """Its apply, under way."""
    with earlier_stack.begin_apply() as process:
        yield process
        process.terminate()


@pytest.fixture(scope="session")
def head_start(request: pytest.FixtureRequest) -> None:
    """Begin those applies while other tests run: most of their minute is the provider's wait for the bucket's lifecycle."""
    wanted = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    for name in ("founding", "earlier_founding"):
        if name in wanted:
            # Where one cannot begin, the tests that need it say why.
            with contextlib.suppress(pytest.skip.Exception, pytest.fail.Exception):
                request.getfixturevalue(name)
