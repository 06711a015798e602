"""Fixtures of the Terraform tests: rendered stacks, the lives that begin before their tests, and an AWS.

Rules: every stack is a manifest that byocgen rendered; a test that changes or applies one has a copy of its own.
"""

import contextlib
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.aws.provider import Provider
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
def new_stack(make_project: MakeProject, tmp_path_factory: pytest.TempPathFactory) -> NewStack:
    """Make a stack from MANIFEST and the blocks given, for an environment that has a provider."""

    def make(environment: Mapping[str, str], **blocks: Any) -> Stack:
        folder = tmp_path_factory.mktemp("stack")
        project = make_project(folder / "churn", yaml.safe_dump({**MANIFEST, **blocks}))
        stack = stacks.write(project / "terraform", folder / "terraform", environment)
        stack.terraform("get").check_returncode()
        return stack

    return make


@pytest.fixture(scope="session")
def aws() -> Iterator[StandIn]:
    with started() as running:
        yield running


@pytest.fixture(scope="session")
def living(new_stack: NewStack, provider: Provider, aws: StandIn) -> Iterator[Stack]:
    """The stack whose life `test_life` tells."""
    with provider.running(aws.environment()) as environment:
        yield new_stack(environment, serving={"environment": HOSTILE}, tags=TAGS)


@pytest.fixture(scope="session")
def founding(living: Stack) -> Iterator[subprocess.Popen[bytes]]:
    """Its first apply, under way."""
    with living.begin_apply() as process:
        yield process
        process.terminate()


@pytest.fixture(scope="session")
def earlier_aws() -> Iterator[StandIn]:
    """An AWS of its own: the life of the other stack is told by all that is in its AWS."""
    with started() as running:
        yield running


@pytest.fixture(scope="session")
def earlier_stack(
    provider: Provider, earlier_aws: StandIn, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """The last release's stack under names that it had before, as `test_upgrade` finds it."""
    folder = tmp_path_factory.mktemp("earlier")
    released = earlier.last_release(folder / "released")
    with provider.running(earlier_aws.environment()) as environment:
        stack = stacks.write(released, folder / "terraform", environment)
        earlier.rename(stack.folder)
        earlier.prepare(stack)
        yield stack


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
