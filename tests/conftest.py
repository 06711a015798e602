"""What every test may ask for: a rendered project, and programs that may be absent.

A test that needs terraform or docker asks for the fixture of that name. Where the program is absent it is skipped with the
reason; where BYOCGEN_REQUIRE lists it (as .ci/run does) the absence is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.aws.provider import Provider, without_aws
from xdist.scheduler import LoadScopeScheduling

from byocgen import apply, workflow
from byocgen.reconcile import reconcile

if TYPE_CHECKING:
    from collections.abc import Callable

MINIMAL = "version: 1\nname: churn\nmodel: {framework: sklearn}\n"
"""The shortest manifest."""

ROOT = Path(__file__).resolve().parents[1]

# `make test` hands its own state on to every make that a test runs.
for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
    os.environ.pop(name, None)

# Tools that the dev group installs (hadolint) are found by name, whether or not the environment is activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])

# Two workers of a run would meet in the folders of bytecode beside scaffolds/, which are copied as they stand.
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
sys.dont_write_bytecode = True

TOGETHER = ("image", "terraform", "verify")
"""Folders whose tests share what a session makes once (built images, stacks under way): one worker runs them."""
LONGEST = (
    *("terraform/test_matrix.py", "release/test_access_modes.py", "terraform/test_modes.py", "image", "terraform"),
    *("frameworks/test_projects.py", "release/test_access.py", "terraform/test_changes.py", "verify"),
    *("release/test_flow.py", "release/test_modes.py", "release/test_regions.py"),
)
"""Groups that begin first, in this order: begun last, one of them would leave the other workers idle. A file named here has
what it shares for itself."""


class Together(LoadScopeScheduling):  # type: ignore[misc] # xdist's classes have no types
    """Which tests one worker runs: those of a file, or of a folder of TOGETHER.

    xdist's own groups do nothing here: xdist 3.8 writes them into an attribute that pytest 9.2 does not read.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid.split("::", maxsplit=1)[0].removeprefix("tests/"))


def group(file: str) -> str:
    """Name the group of a file, given below `tests/`."""
    folder = file.split("/", maxsplit=1)[0]
    return folder if folder in TOGETHER and file not in LONGEST else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Have xdist deal tests out by groups."""
    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest groups first."""

    def turn(item: pytest.Item) -> int:
        mine = group(item.path.relative_to(ROOT / "tests").as_posix())
        return LONGEST.index(mine) if mine in LONGEST else len(LONGEST)

    items.sort(key=turn)


def required(program: str, reason: str) -> None:
    """Skip for a missing program, or fail where it must be there."""
    if program in os.environ.get("BYOCGEN_REQUIRE", "").split(","):
        pytest.fail(f"{reason}, and BYOCGEN_REQUIRE lists it")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def terraform() -> str:
    """Path of terraform."""
    found = shutil.which("terraform")
    if found is None:
        required("terraform", "terraform is not installed")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def provider(terraform: str, make_project: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Provider:
    """Terraform's AWS provider, found and unpacked once by `terraform init`."""
    folder = make_project(tmp_path_factory.mktemp("provider") / "churn") / "terraform"
    command = [terraform, f"-chdir={folder}", "init", "-input=false", "-no-color"]
    done = subprocess.run(command, env=without_aws(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Provider(folder)


@pytest.fixture(scope="session")
def checkov() -> str:
    """Path of checkov, which has an environment of its own."""
    found = shutil.which("checkov") or shutil.which(ROOT / ".checkov" / "bin" / "checkov")
    if found is None:
        required("checkov", "checkov is not installed: make checkov")
    assert found is not None
    return str(found)


@pytest.fixture(scope="session")
def docker() -> str:
    """Path of a docker client whose engine answers."""
    found = shutil.which("docker")
    if found is None:
        required("docker", "docker is not installed")
    assert found is not None
    answer = subprocess.run([found, "info"], capture_output=True, text=True, timeout=60, check=False)
    if answer.returncode != 0:
        required("docker", "no docker engine answers")
    return found


@pytest.fixture(scope="session")
def make_project() -> Callable[..., Path]:
    """Return `make(target, manifest=MINIMAL) -> Path`: a project as `byocgen new` writes it."""

    def make(target: Path, manifest: str = MINIMAL) -> Path:
        tree = workflow.generate(manifest.encode(), "byocgen.yaml").tree
        apply.create(reconcile(tree, None, {}), target)
        return target

    return make
