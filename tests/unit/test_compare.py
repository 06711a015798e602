"""`byocgen check`, `diff` and `explain`: exit code, stdout and stderr together."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.unit.asking import contents, generated
from tests.unit.examples import MINIMAL
from tests.unit.repository import git
from tests.unit.shown import Shown, byocgen_process, lock_of, on_disk

from byocgen import present
from byocgen.plan.chain import page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


pytestmark = pytest.mark.usefixtures("folder")

SAME = Shown(0, "", "the project is what its manifest says\n")
MEND = "error: the project is not what its manifest says\n  = help: mend it with: byocgen sync\n"


@pytest.mark.usefixtures("project")
def test_a_fresh_project_is_clean(run: Callable[..., Shown]) -> None:
    assert run("check") == SAME
    assert run("diff") == SAME
    clean = json.dumps({"drift": False, "actions": [], "diagnostics": []}, indent=2) + "\n"
    assert run("check", "--json") == Shown(0, clean)
    assert run("diff", "--json") == Shown(0, clean)


def test_what_is_the_user_s_is_no_drift(run: Callable[..., Shown], project: Path) -> None:
    (project / "inference.py").write_text("# mine\n", "utf-8")
    (project / "train.py").unlink()
    (project / "terraform" / "extra.tf").write_text("# mine\n", "utf-8")
    (project / "byocgen.yaml").write_text(MINIMAL + "# a remark\n", "utf-8")
    assert run("check") == SAME


def edit(project: Path) -> None:
    """Edit one managed file and delete another."""
    (project / "serving.toml").unlink()
    app = project / "terraform" / "tags.tf"
    app.write_bytes(app.read_bytes() + b"# mine\n")


def test_drift(run: Callable[..., Shown], project: Path) -> None:
    edit(project)
    toml = contents(MINIMAL)["serving.toml"].splitlines(keepends=True)
    tail = contents(MINIMAL)["terraform/tags.tf"].splitlines(keepends=True)
    patch = (
        f"--- /dev/null\n+++ b/serving.toml\n@@ -0,0 +1,{len(toml)} @@\n"
        + "".join(f"+{line}" for line in toml)
        + f"--- a/terraform/tags.tf\n+++ b/terraform/tags.tf\n@@ -{len(tail) - 2},4 +{len(tail) - 2},3 @@\n"
        + "".join(f" {line}" for line in tail[-3:])
        + "-# mine\n"
    )
    listed = "create   serving.toml\nconflict terraform/tags.tf\n"
    assert run("diff") == Shown(0, patch, listed)
    assert run("check") == Shown(
        1,
        patch,
        listed + "error: terraform/tags.tf is managed and was edited\n"
        "  = help: keep the edit: byocgen sync --merge; drop it: byocgen sync --force terraform/tags.tf;"
        " make the file yours: byocgen eject terraform/tags.tf\n" + MEND,
    )


def test_drift_as_json(run: Callable[..., Shown], project: Path) -> None:
    edit(project)
    checked, diffed = run("check", "--json"), run("diff", "--json")
    assert (checked.code, checked.err, diffed.code, diffed.err) == (1, "", 0, "")
    assert checked.out == diffed.out
    data = json.loads(checked.out)
    assert [(one["action"], one["path"], one["ownership"], one["diff"][:3]) for one in data["actions"]] == [
        ("create", "serving.toml", "managed", "---"),
        ("conflict", "terraform/tags.tf", "managed", "---"),
    ]
    assert (data["drift"], data["diagnostics"]) == (True, [])


def test_the_mending_that_is_offered_mends(run: Callable[..., Shown], project: Path) -> None:
    (project / "byocgen.yaml").write_text(MINIMAL.replace("churn", "fraud") + "serving: {workers: 1}\n", "utf-8")
    edit(project)
    git(project, "init", "--quiet")
    git(project, "add", "-A")
    git(project, "commit", "--quiet", "-m", "1")
    shown = run("check")
    assert shown.code == 1
    commands = [line.partition(": ")[2] for line in shown.err.splitlines() if line.startswith("  = help: mend")]
    assert commands == ["mend it with: byocgen sync"]
    assert run("sync").code == 1
    assert "drop it: byocgen sync --force terraform/tags.tf;" in shown.err
    assert run("sync", "--force", "terraform/tags.tf").code == 0
    assert run("check") == SAME


def test_the_patch_that_is_shown_applies(run: Callable[..., Shown], project: Path) -> None:
    (project / "byocgen.yaml").write_text(MINIMAL.replace("churn", "fraud") + "serving: {workers: 1}\n", "utf-8")
    edit(project)
    subprocess.run(["git", "apply"], input=run("diff").out.encode(), check=True, cwd=project)
    assert run("check") == SAME


def test_an_ejected_file_is_the_user_s(run: Callable[..., Shown], project: Path) -> None:
    (project / "Makefile").write_text("# mine\n", "utf-8")
    assert run("check").code == 1
    (project / "byocgen.yaml").write_text(MINIMAL + "files: {eject: [Makefile]}\n", "utf-8")
    shown = run("check")
    assert (shown.code, shown.err) == (1, "update   byocgen.lock\n" + MEND)
    subprocess.run(["git", "apply"], input=shown.out.encode(), check=True, cwd=project)
    assert run("check") == SAME
    assert (project / "Makefile").read_text("utf-8") == "# mine\n"


def test_a_file_that_is_no_longer_generated(run: Callable[..., Shown], project: Path) -> None:
    lock = json.loads(lock_of(project))
    old = lock["files"]["package.py"]
    lock["files"]["old.py"] = old
    lock["files"]["older.py"] = old
    (project / "byocgen.lock").write_text(json.dumps(lock), "utf-8")
    (project / "old.py").write_bytes((project / "package.py").read_bytes())
    (project / "older.py").write_text("# edited\n", "utf-8")
    shown = run("check")
    assert (shown.code, shown.err) == (
        1,
        (
            "delete   old.py\norphan   older.py\nupdate   byocgen.lock\n"
            "error: older.py is no longer generated, and it was edited: sync leaves it to you\n"
            "  = help: delete it if nothing needs it\n" + MEND
        ),
    )
    assert "older.py" not in [line[6:] for line in shown.out.splitlines() if line.startswith("--- a/")]


def test_without_a_lock_it_is_written_again(run: Callable[..., Shown], project: Path) -> None:
    text = lock_of(project)
    (project / "byocgen.lock").unlink()
    shown = run("check")
    assert (shown.code, shown.err.splitlines()[0]) == (1, "create   byocgen.lock")
    subprocess.run(["git", "apply"], input=shown.out.encode(), check=True, cwd=project)
    assert lock_of(project) == text


def test_bytes_that_are_no_text_are_shown(project: Path) -> None:
    (project / "Makefile").write_bytes("größe\n".encode("latin-1"))
    done = byocgen_process("diff")
    assert done.returncode == 0
    assert "-größe\n".encode("latin-1") in done.stdout
    assert "-gr\\udcf6\\udcdfe\\n" in byocgen_process("diff", "--json").stdout.decode()


BROKEN: dict[str, tuple[str, str]] = {
    "a link in the lock's place": (
        "byocgen.lock",
        "error: byocgen.lock is a symbolic link\n  = help: byocgen writes a plain file there: move yours away\n",
    ),
    "a damaged lock": (
        "byocgen.lock",
        ("error: byocgen.lock cannot be read\n  = help: take it from git again: git checkout -- byocgen.lock\n"),
    ),
    "a lock in a merge": (
        "byocgen.lock",
        (
            "error: byocgen.lock holds the conflict of a git merge\n"
            "  = help: take either side (git checkout --ours -- byocgen.lock), then: byocgen sync\n"
        ),
    ),
    "a newer lock": (
        "byocgen.lock",
        "error: byocgen.lock has version 2; this byocgen knows 1\n  = help: install a newer byocgen\n",
    ),
    "no manifest": (
        "byocgen.yaml",
        (
            "error: there is no manifest at byocgen.yaml\n"
            "  = help: run this in a generated project, or make one: byocgen new NAME (looked for byocgen.yaml)\n"
        ),
    ),
}


CONTENTS = {
    "a damaged lock": "{",
    "a lock in a merge": '{\n<<<<<<< HEAD\n  "version": 1,\n=======\n  "version": 1,\n>>>>>>> main\n}\n',
    "a newer lock": '{"version": 2, "paths": []}\n',
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize(
    "command", [["check"], ["diff"], ["sync"], ["sync", "--dry-run"], ["eject", "Makefile"]], ids=" ".join
)
def test_a_project_that_cannot_be_read(run: Callable[..., Shown], project: Path, case: str, command: list[str]) -> None:
    name, expected = BROKEN[case]
    (project / name).unlink()
    if case == "a link in the lock's place":
        (project / name).symlink_to("inference.py")
    elif case in CONTENTS:
        (project / name).write_text(CONTENTS[case], "utf-8")
    before = on_disk(project)
    assert run(*command) == Shown(2, "", expected)
    assert on_disk(project) == before


def test_a_bad_manifest(run: Callable[..., Shown], project: Path) -> None:
    (project / "byocgen.yaml").write_text(MINIMAL + "colour: red\n", "utf-8")
    shown = [run(*command) for command in (["check"], ["diff"], ["sync"], ["eject", "Makefile"], ["explain"])]
    assert {(one.code, one.out, one.err.splitlines()[0]) for one in shown} == {
        (1, "", 'error[BYO202]: there is no field "colour"')
    }


@pytest.mark.usefixtures("project")
def test_explain(run: Callable[..., Shown]) -> None:
    rows = present.explain_data(generated(MINIMAL).plan)
    assert run("explain", "--json") == Shown(
        0, json.dumps({"decisions": rows, "diagnostics": []}, indent=2, ensure_ascii=False) + "\n"
    )
    shown = run("explain", "serving.workers")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.splitlines()[0] == "serving.workers = 4"
    assert shown.out.splitlines()[-1] == f"docs: {page('serving.workers')}"
    assert run("explain", "names").out.splitlines()[2].split()[:2] == ["names.endpoint", "churn"]
    assert list(json.loads(run("explain", "names", "--json").out)["decisions"]) == [
        "names.endpoint",
        "names.repository",
        "names.bucket_prefix",
        "names.role_prefix",
    ]


@pytest.mark.usefixtures("project")
def test_explain_of_nothing(run: Callable[..., Shown]) -> None:
    assert run("explain", "serving.worker") == Shown(
        2, "", 'error: there is no decision "serving.worker"\n  = help: did you mean "serving.workers"?\n'
    )


def test_another_folder(run: Callable[..., Shown], project: Path) -> None:
    os.chdir("/")
    assert run("check", "-C", str(project)) == SAME
    assert run("check", "--project", str(project / "serving")).code == 2
