"""Once for each project: the bucket that Terraform's state is kept in, and the roles of a pipeline.

Rules: `terraform/bootstrap` is a stack of its own, applied with an administrator's credentials. What it made is written into the
two backend files, which are committed; a backend that is there already is left as it is. Run again, it applies what changed.
"""

import json
import re
import sys
from pathlib import Path

from . import caller, process
from .failures import ReleaseError
from .record import ROOT

STACK = ROOT / "terraform"
FOLDER = STACK / "bootstrap"
STATES = {FOLDER: "bootstrap/terraform.tfstate", STACK: "stack/terraform.tfstate"}
"""Whose state has which key in the bucket. The pipeline's roles may touch the second only."""

_BACKEND = re.compile(r"^\s*(backend|cloud)\b", re.MULTILINE)


def bootstrap() -> None:
    """Apply the stack, keep both states in its bucket, and say what is left to do."""
    process.locate("terraform")
    caller.account_id()
    _terraform(FOLDER, "init", "-input=false")
    _terraform(FOLDER, "apply", "-input=false", "-auto-approve")
    made = _outputs()
    for folder, key in STATES.items():
        _keep_state(folder, made["state_bucket"], made["state_region"], key)
    print(
        "commit terraform/ with the two backend.tf: everybody who has the repository shares the state now",
        file=sys.stderr,
    )
    for role in ("deployer", "planner"):
        if f"{role}_role_arn" in made:
            print(f"{role}: {made[f'{role}_role_arn']}")


def _keep_state(folder: Path, bucket: str, region: str, key: str) -> None:
    """Name the bucket in the folder's backend.tf, and move the state there."""
    file = folder / "backend.tf"
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    if _has_backend(folder):
        return
    block = backend(bucket, region, key)
    file.write_text(f"{text}\n{block}" if text else block, encoding="utf-8")
    print(f"{file.relative_to(ROOT)} names s3://{bucket}/{key} now", file=sys.stderr)
    _terraform(folder, "init", "-input=false", "-migrate-state", "-force-copy")


def backend(bucket: str, region: str, key: str) -> str:
    """The block that keeps a state in S3, with its lock as a file beside it."""
    values = {
        "bucket": f'"{bucket}"',
        "key": f'"{key}"',
        "region": f'"{region}"',
        "encrypt": "true",
        "use_lockfile": "true",
    }
    lines = [f"    {name:<12} = {value}" for name, value in values.items()]
    return "\n".join(["terraform {", '  backend "s3" {', *lines, "  }", "}", ""])


def _has_backend(folder: Path) -> bool:
    """Whether one of the folder's files names a backend already, whatever the user called that file."""
    return any(_BACKEND.search(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.tf")))


def _outputs() -> dict[str, str]:
    done = process.capture(["terraform", f"-chdir={FOLDER}", "output", "-json"])
    if done.status:
        raise ReleaseError(f"terraform output failed: {done.last_words}", done.status)
    return {name: str(output["value"]) for name, output in json.loads(done.stdout).items()}


def _terraform(folder: Path, *arguments: str) -> None:
    status = process.show(["terraform", f"-chdir={folder}", *arguments], sys.stderr)
    if status:
        raise ReleaseError(
            f"terraform {arguments[0]} failed in {folder.relative_to(ROOT)}; what it said is above", status
        )
