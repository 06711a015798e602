"""`tests/terraform/released.json`: what the Terraform of the last release promises, one example a stack.

`python -m derive.released` is a step of a release: it records the committed examples, what is new in them included, and refuses
while an older promise is broken. `--check` says which are. A release that breaks one on purpose says so in CHANGELOG.md and
takes the line out of the record by hand. `tree` is git's id of the stack's folder, by which its files can be had again.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from derive import promises, surface
from derive.outputs import Output, write

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
RECORD = ROOT / "tests" / "terraform" / "released.json"


def stacks() -> dict[str, Path]:
    """The root stack of every example."""
    return {path.parent.name: path for path in sorted(EXAMPLES.glob("*/terraform"))}


def record() -> Mapping[str, Any]:
    """The committed record: example -> what `surface.to_data` wrote, and `tree`."""
    found: Mapping[str, Any] = json.loads(RECORD.read_text("utf-8"))["stacks"] if RECORD.exists() else {}
    return found


def problems(recorded: Mapping[str, Any], today: Mapping[str, Path]) -> list[str]:
    """Every promise that is broken, with the example that shows it."""
    said = [f"{name}: the example is gone; keep it" for name in recorded if name not in today]
    for name in recorded.keys() & today.keys():
        found = promises.broken(surface.from_data(recorded[name]), surface.read(today[name]))
        said += [f"{name}: {one}" for one in found]
    return sorted(said)


def tree(folder: Path) -> str:
    """Git's id of a committed folder.

    Raises:
        ValueError: something in it is not committed.
    """
    name = folder.relative_to(ROOT).as_posix()
    if _git("status", "--porcelain", "--", name):
        raise ValueError(f"{name} is not committed, and a record names what is: commit it first")
    return _git("rev-parse", f"HEAD:{name}").strip()


def derive() -> Output:
    """The record of the committed examples."""
    data = {
        "source": "examples/*/terraform, by `make released`",
        "stacks": {
            name: {"tree": tree(path), **surface.to_data(surface.read(path))} for name, path in stacks().items()
        },
    }
    return Output(RECORD, json.dumps(data, indent=2) + "\n")


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def main() -> None:
    """Write, or check."""
    broken = problems(record(), stacks())
    if broken:
        sys.exit("\n".join(broken))
    if "--check" not in sys.argv[1:]:
        write([derive()])


if __name__ == "__main__":
    main()
