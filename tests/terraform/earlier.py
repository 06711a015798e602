"""A set of templates that never was: the stack of the last release with some other names, and today's in its place.

Rules: the release's files come from git by the record's `tree`, so that later templates meet what projects really have.
"""

import io
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.conftest import required

from derive import released

from . import stacks
from .stacks import Stack

EXAMPLE = "churn-sklearn"
NAMES = {
    "aws_kms_key.this": "aws_kms_key.stack",
    "module.s3": "module.store",
    "aws_sagemaker_endpoint.this": "aws_sagemaker_endpoint.live",
}
"""Today's name -> the earlier one. What holds the data, what is encrypted with it, and what answers callers."""
MOVES = (
    ("module.euw1.aws_kms_key.stack", "module.euw1.aws_kms_key.key"),  # renamed by one release, and by the next again
    ("module.euw1.aws_kms_key.key", "module.euw1.aws_kms_key.this"),
    ("module.euw1.module.store", "module.euw1.module.s3"),
    (
        "module.euw1.module.sagemaker.aws_sagemaker_endpoint.live",
        "module.euw1.module.sagemaker.aws_sagemaker_endpoint.this",
    ),
)


def last_release(folder: Path) -> Path:
    """Write the example's stack as the record names it. Git has it wherever the history is."""
    tree = str(released.record()[EXAMPLE]["tree"])
    answer = _git("archive", "--format=tar", tree)
    if answer.returncode != 0:
        if _git("rev-parse", "--is-shallow-repository").stdout.strip() == b"false":
            pytest.fail(f"git does not have {tree}, the stack of the last release: `make released` records one it has")
        required("history", "this checkout lacks the history that has the last release's stack")
    with tarfile.open(fileobj=io.BytesIO(answer.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=released.ROOT, capture_output=True, check=False)


def rename(folder: Path) -> None:
    """Give what NAMES lists its earlier name, where it is made and wherever it is read."""
    for path in sorted(folder.rglob("*.tf")):
        text = path.read_text("utf-8")
        for today, former in NAMES.items():
            text = re.sub(rf"\b{re.escape(today)}\b", former, text)
            text = text.replace(_labels(today), _labels(former))
        path.write_text(text, "utf-8")


def _labels(address: str) -> str:
    """An address as the block that makes it names it: `"aws_kms_key" "this"`, `module "s3"`."""
    first, last = address.split(".")
    return f'{first} "{last}"' if first == "module" else f'"{first}" "{last}"'


def prepare(stack: Stack) -> None:
    """Release something, and let terraform find the modules."""
    stack.release("1")
    stack.terraform("get").check_returncode()


def upgraded(earlier: Stack, folder: Path, moves: Iterable[tuple[str, str]]) -> Stack:
    """Today's stack of the example with the earlier one's state, release and AWS, and with these `moved` blocks."""
    stack = stacks.write(released.stacks()[EXAMPLE], folder, earlier.environment)
    with (stack.folder / "moved.tf").open("a", encoding="utf-8") as file:
        file.writelines(f"moved {{\n  from = {old}\n  to   = {new}\n}}\n" for old, new in moves)
    prepare(stack)
    shutil.copy(earlier.folder / "terraform.tfstate", stack.folder)
    return stack
