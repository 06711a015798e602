"""`examples/`: each folder is a manifest with the project that it gives, committed whole.

They are documentation, review material and the golden test in one. `python -m derive.examples` writes them again,
`--check` exits 1 with the patch that would.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from byocgen import lock, workflow
from byocgen.patch import patch
from byocgen.reconcile import Action, Kind, reconcile
from byocgen.render.render import MANIFEST
from byocgen.render.tree import Ownership

EXAMPLES = Path(__file__).parents[2] / "examples"


def expected(example: Path) -> dict[str, bytes]:
    """Every file of an example by path, its manifest and its lock included."""
    tree = workflow.generate((example / MANIFEST).read_bytes(), MANIFEST).tree
    actions = reconcile(tree, None, {})
    return {action.path: action.after for action in actions if action.after is not None}


def committed(example: Path) -> dict[str, bytes]:
    """Every file that stands in an example, but for what git ignores: a person may have run it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "."],
        cwd=example,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    return {path: (example / path).read_bytes() for path in sorted(listed) if path and (example / path).is_file()}


def differences(example: Path) -> str:
    """The patch that would bring the committed files to those expected."""
    want, have = expected(example), committed(example)
    prefix = example.relative_to(EXAMPLES.parent).as_posix()
    return patch(
        Action(Kind.UPDATE, f"{prefix}/{path}", Ownership.MANAGED, have.get(path), want.get(path))
        for path in sorted(want.keys() | have.keys())
        if want.get(path) != have.get(path)
    )


def write(example: Path) -> None:
    """Replace an example by what its manifest gives."""
    files = expected(example)
    shutil.rmtree(example)
    for path, content in files.items():
        (example / path).parent.mkdir(parents=True, exist_ok=True)
        (example / path).write_bytes(content)
    print(f"{example.relative_to(EXAMPLES.parent)}: {len(files)} files, {lock.NAME} included")


def main() -> None:
    """Write, or check."""
    found = sorted(path.parent for path in EXAMPLES.glob(f"*/{MANIFEST}"))
    if "--check" not in sys.argv[1:]:
        for example in found:
            write(example)
        return
    difference = "".join(differences(example) for example in found)
    sys.stdout.write(difference)
    sys.exit(1 if difference else 0)


if __name__ == "__main__":
    main()
