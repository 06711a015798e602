"""``actions.json``: the commits that GitHub's actions are pinned by, asked of their repositories.

A tag is a person's choice (ACTIONS); its commit is what ``git ls-remote`` answers. Needs git and github.com, so it is no
part of ``make derived-check``.
"""

import subprocess
import sys

from byocgen.catalog import load
from derive.outputs import CATALOG, Output, rows_document, run

DATA = CATALOG / "data" / "actions.json"
SOURCE = "git ls-remote of each action's repository; terraform: the release that this repository's tests ran"
ACTIONS = {name: action.tag for name, action in load().actions.items()}


def derive(derived: str) -> list[Output]:
    """One output: each action with the commit of its tag."""
    rows = [{"name": name, "tag": tag, "commit": commit_of(name, tag)} for name, tag in ACTIONS.items()]
    return [Output(DATA, rows_document(SOURCE, derived, actions=rows, terraform=load().pipeline_terraform))]


def commit_of(name: str, tag: str) -> str:
    """The commit that a tag stands for; that of an annotated tag is listed last. Raises CalledProcessError without a network."""
    command = [
        "git",
        "ls-remote",
        "--exit-code",
        f"https://github.com/{name}",
        f"refs/tags/{tag}",
        f"refs/tags/{tag}^{{}}",
    ]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return answer.stdout.splitlines()[-1].split()[0]


if __name__ == "__main__":
    run(derive, DATA, sys.argv[1:])
