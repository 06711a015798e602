"""`byocgen sync`: exit code, stdout, stderr and the project, with real git around it."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from typing import TYPE_CHECKING

import pytest
from tests.unit.asking import contents
from tests.unit.examples import MINIMAL
from tests.unit.repository import commit, git
from tests.unit.shown import Shown, lock_of, on_disk

from byocgen import lock as locks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("folder")

TWO = MINIMAL + "serving: {workers: 2}\n"
SAME = Shown(0, "", "the project is what its manifest says\n")
UPDATED = Shown(0, "", "update   serving.toml\nupdate   byocgen.lock\n")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Git has no settings of this machine, and finds no repository around the test's folder."""
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))


def set_manifest(project: Path, text: str) -> None:
    """Write the manifest."""
    (project / "byocgen.yaml").write_text(text, "utf-8")


def edit(project: Path, path: str, old: str, new: str) -> None:
    """Replace a text in a file, which must hold it."""
    text = (project / path).read_bytes().decode()
    assert old in text
    (project / path).write_bytes(text.replace(old, new, 1).encode())


def assert_fresh(project: Path, manifest: str) -> None:
    """Hold a project against what `byocgen new` makes of its manifest, its lock included, byte by byte."""
    made = on_disk(project)
    lock = {path: text for path, text in made.items() if path == "byocgen.lock"}
    fresh = contents(manifest)
    assert {path: text for path, text in made.items() if path in fresh} == fresh
    tree = {path: row["sha256"] for path, row in json.loads(lock["byocgen.lock"])["files"].items()}
    assert tree == {path: locks.digest(text.encode()) for path, text in fresh.items() if path != "byocgen.yaml"}


def test_nothing_to_do(run: Callable[..., Shown], project: Path) -> None:
    before = on_disk(project)
    assert run("sync") == SAME
    assert on_disk(project) == before


def test_a_changed_manifest(run: Callable[..., Shown], project: Path, make_project: Callable[..., Path]) -> None:
    """In git or not, committed or not: what byocgen wrote it may write again."""
    set_manifest(project, TWO)
    assert run("sync") == UPDATED
    fresh = make_project(project.parent / "fresh", TWO)
    assert on_disk(project) == on_disk(fresh)
    assert lock_of(project) == lock_of(fresh)
    assert run("check") == SAME
    assert run("sync") == SAME


def test_a_manifest_alone_becomes_a_project(
    run: Callable[..., Shown], folder: Path, make_project: Callable[..., Path]
) -> None:
    """Beside files that are someone's: those stay."""
    set_manifest(folder, MINIMAL)
    (folder / "notes.txt").write_text("mine\n", "utf-8")
    shown = run("sync")
    assert (shown.code, shown.out, shown.err.splitlines()[0]) == (0, "", "create   .dockerignore")
    assert on_disk(folder) == {**on_disk(make_project(folder.parent / f"{folder.name}-2")), "notes.txt": "mine\n"}


def test_dry_run(run: Callable[..., Shown], project: Path) -> None:
    set_manifest(project, TWO)
    edit(project, "Dockerfile", "FROM", "# mine\nFROM")
    (project / "release" / "__init__.py").unlink()
    before = on_disk(project)
    shown = run("sync", "--dry-run")
    assert (shown.code, shown.out) == (
        0,
        "conflict Dockerfile\ncreate   release/__init__.py\nupdate   serving.toml\nupdate   byocgen.lock\n",
    )
    assert shown.err.startswith("error: Dockerfile is managed and was edited\n  = help: keep the edit: ")
    assert on_disk(project) == before


def test_as_json(run: Callable[..., Shown], project: Path) -> None:
    set_manifest(project, TWO)
    for arguments, written in ((["--dry-run"], False), ([], True)):
        shown = run("sync", "--json", *arguments)
        data = json.loads(shown.out)
        rows = [(one["action"], one["path"], one["ownership"], one["diff"][:3]) for one in data.pop("actions")]
        assert (shown.code, shown.err) == (0, "")
        assert rows == [
            ("update", "serving.toml", "managed", "---"),
            ("update", "byocgen.lock", "managed", "---"),
        ]
        assert data == {"project": ".", "dry_run": not written, "written": written, "diagnostics": []}
    edit(project, "Makefile", "\n", "\n# mine\n")
    refused = run("sync", "--json")
    data = json.loads(refused.out)
    assert (refused.code, refused.err, data["written"]) == (1, "", False)
    assert [(one["action"], one["path"], one["message"]) for one in data["actions"]] == [
        ("conflict", "Makefile", "Makefile is managed and was edited")
    ]
    assert "byocgen sync --force Makefile" in data["actions"][0]["help"]


@pytest.mark.parametrize("command", [("check",), ("sync", "--merge"), ("eject", "Makefile"), ("new", "other")])
def test_no_place_for_temporary_files(
    run: Callable[..., Shown], project: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(project / "nowhere"))
    before = on_disk(project)
    assert run(*command, *(("--framework", "sklearn") if command[0] == "new" else ())) == Shown(
        2,
        "",
        "error: no temporary files can be written: No such file or directory\n"
        "  = help: set TMPDIR to a folder with room\n",
    )
    assert on_disk(project) == before


def test_no_room_for_temporary_files(run: Callable[..., Shown], project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where many files are copied, shutil names each of them: they are none of the user's."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copystat", full)
    shown = run("sync")
    assert (shown.code, shown.err.splitlines()[0].partition(": ")[2]) == (
        2,
        "no temporary files can be written: not everything could be written",
    )
    assert (project / "byocgen.lock").is_file()


def test_another_folder(run: Callable[..., Shown], project: Path) -> None:
    """The commands that are named are those to be typed there."""
    set_manifest(project, TWO)
    edit(project, "Makefile", "\n", "\n# mine\n")
    os.chdir("/")
    assert f"byocgen sync --force Makefile -C {project}; " in run("sync", "-C", str(project)).err
    assert f"mend it with: byocgen sync -C {project}\n" in run("check", "-C", str(project)).err
    assert run("sync", "-C", str(project / "nowhere")).code == 2
    assert run("sync", "-C", str(project / "serving")).err.startswith("error: there is no manifest at ")
    assert not (project / "serving" / ".byocgen-sync").exists()


# ---- what is the user's


def test_what_is_the_user_s_is_never_touched(run: Callable[..., Shown], project: Path) -> None:
    (project / "inference.py").write_text("# mine\n", "utf-8")
    (project / "train.py").unlink()
    (project / "terraform" / "backend.tf").unlink()
    (project / "terraform" / "backend.tf").symlink_to("elsewhere.tf")
    (project / "terraform" / "extra.tf").write_text("# mine\n", "utf-8")
    set_manifest(project, TWO)
    assert run("sync") == UPDATED
    assert (project / "inference.py").read_text("utf-8") == "# mine\n"
    assert (project / "terraform" / "extra.tf").read_text("utf-8") == "# mine\n"
    assert not (project / "train.py").exists()
    assert (project / "terraform" / "backend.tf").readlink().name == "elsewhere.tf"
    assert run("check") == SAME


def older(project: Path, path: str, text: str | None) -> None:
    """Let the lock say that byocgen once wrote another content, or that it wrote a file that is generated no more."""
    lock = locks.parse((project / "byocgen.lock").read_bytes())
    entry = lock.files.get(path, locks.entry(b""))
    files = {**lock.files, path: locks.entry((text or "").encode(), entry.ownership)}
    (project / "byocgen.lock").write_bytes(locks.text(locks.Lock(1, files)))


def test_a_seeded_file_whose_template_is_better(run: Callable[..., Shown], project: Path) -> None:
    now = (project / "inference.py").read_text("utf-8")
    lock = lock_of(project)
    (project / "inference.py").write_text("# as it was\n", "utf-8")
    older(project, "inference.py", "# as it was\n")
    notice = (
        "note: inference.py is yours, and what byocgen starts it with has changed\n"
        "  = help: byocgen diff inference.py\n"
    )
    assert run("sync") == Shown(0, "", "notice   inference.py\nupdate   byocgen.lock\n" + notice)
    assert (project / "inference.py").read_text("utf-8") == "# as it was\n"
    assert lock_of(project) == lock
    assert run("check") == SAME  # said once; the way to see it stays
    shown = run("diff", "./inference.py")
    assert (shown.code, shown.err) == (0, "notice   inference.py\n")
    assert shown.out.startswith("--- a/inference.py\n+++ b/inference.py\n@@ -1 +1,")
    assert all(f"+{line}\n" in shown.out for line in now.splitlines())
    assert run("diff", "inference.p") == Shown(
        2,
        "",
        'error: "inference.p" is no file that byocgen generates\n  = help: did you mean "inference.py"?\n',
    )


def test_files_that_are_no_longer_generated(run: Callable[..., Shown], project: Path) -> None:
    lock = lock_of(project)
    for path in ("old/deep/a.py", "old/b.py", "gone.py", "old/edited.py"):
        older(project, path, "# ours\n")
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text("# ours\n", "utf-8")
    (project / "gone.py").unlink()
    (project / "old" / "edited.py").write_text("# mine\n", "utf-8")
    shown = run("sync")
    assert shown == Shown(
        0,
        "",
        "delete   old/b.py\ndelete   old/deep/a.py\norphan   old/edited.py\nupdate   byocgen.lock\n"
        "note: old/edited.py is no longer generated, and it was edited: sync leaves it to you\n"
        "  = help: delete it if nothing needs it\n",
    )
    assert sorted(path.name for path in (project / "old").iterdir()) == ["edited.py"]
    assert lock_of(project) == lock
    assert run("check") == SAME


# ---- edited files


def test_an_edited_file_is_refused(run: Callable[..., Shown], project: Path) -> None:
    """Nothing at all is written, and the difference is shown."""
    commit(project)
    set_manifest(project, TWO)
    edit(project, "terraform/tags.tf", "\n", "\n# mine\n")
    before = on_disk(project)
    shown = run("sync")
    assert (shown.code, shown.err) == (
        1,
        (
            "error: terraform/tags.tf is managed and was edited\n"
            "  = help: keep the edit: byocgen sync --merge; drop it: byocgen sync --force terraform/tags.tf;"
            " make the file yours: byocgen eject terraform/tags.tf\n"
            "nothing was written\n"
        ),
    )
    assert shown.out.startswith("--- a/terraform/tags.tf\n+++ b/terraform/tags.tf\n@@ ")
    assert "\n-# mine\n" in shown.out
    assert on_disk(project) == before


def test_a_file_that_was_there_before(run: Callable[..., Shown], folder: Path) -> None:
    """A newer byocgen wants to write where a person already did."""
    set_manifest(folder, MINIMAL)
    (folder / "Makefile").write_text("# mine\n", "utf-8")
    shown = run("sync")
    assert (shown.code, shown.err.splitlines()[0]) == (1, "error: Makefile is there, and byocgen did not write it")
    assert on_disk(folder) == {"byocgen.yaml": MINIMAL, "Makefile": "# mine\n"}


STRANGERS = {
    "no lock": ("serving.toml", "byocgen.lock"),
    "none in the lock": ("serving.toml", ""),
    "a file that was made once": ("Makefile", ""),
}


@pytest.mark.parametrize("case", STRANGERS)
def test_force_never_drops_what_byocgen_did_not_write(run: Callable[..., Shown], project: Path, case: str) -> None:
    """Not even where edits may be dropped that git does not have. Once git has it, it may be."""
    path, lost = STRANGERS[case]
    data = json.loads(lock_of(project))
    if case == "none in the lock":
        del data["files"][path]
    else:
        data["files"][path]["ownership"] = "seeded"
    (project / "byocgen.lock").write_text(json.dumps(data), "utf-8")
    if lost:
        (project / lost).unlink()
    commit(project)
    edit(project, path, "\n", "\n# mine\n")
    before = on_disk(project)
    shown = run("sync", "--force", path, "--allow-dirty")
    said = f"error: byocgen did not write what is there, and no commit has it: {path}"
    assert (shown.code, shown.out, shown.err.splitlines()[0]) == (2, "", said)
    assert on_disk(project) == before
    commit(project)
    assert run("sync", "--force", path).code == 0
    assert run("check") == SAME


def test_force_never_drops_a_file_beside_which_one_was_set(run: Callable[..., Shown], folder: Path) -> None:
    """The merge without a base has entered it in the lock; it is a person's all the same."""
    set_manifest(folder, MINIMAL)
    (folder / "Makefile").write_text("# mine\n", "utf-8")
    assert run("sync", "--merge").code == 1
    (folder / "Makefile.byocgen-new").unlink()
    shown = run("sync", "--force", "Makefile", "--allow-dirty")
    assert (shown.code, (folder / "Makefile").read_text("utf-8")) == (2, "# mine\n")


def test_force(run: Callable[..., Shown], project: Path, make_project: Callable[..., Path]) -> None:
    for path in ("Makefile", "Dockerfile", "README.md"):
        edit(project, path, "\n", "\n# mine\n")
    commit(project)
    set_manifest(project, TWO)
    assert run("sync", "--force", "Makefile", "--force", "./README.md").code == 1
    assert "# mine" in (project / "Makefile").read_text("utf-8")
    assert run("sync", "--force", "Makefile", "--force", "README.md", "--force", "Dockerfile").code == 0
    shutil.rmtree(project / ".git")
    assert on_disk(project) == on_disk(make_project(project.parent / "fresh", TWO))


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("Makefil", '--force: "Makefil" is no file that byocgen manages\n  = help: did you mean "Makefile"?'),
        ("inference.py", '--force: "inference.py" is yours: byocgen never writes it again'),
        ("byocgen.lock", '--force: "byocgen.lock" is no file that byocgen manages'),
        ("../x", '--force: "../x" is no file that byocgen manages'),
    ],
)
@pytest.mark.usefixtures("project")
def test_force_of_something_else(run: Callable[..., Shown], path: str, said: str) -> None:
    assert run("sync", "--force", path) == Shown(2, "", f"error: {said}\n")


@pytest.mark.parametrize("how", ["--force", "--merge"])
@pytest.mark.parametrize("state", ["changed", "staged", "ignored", "assumed unchanged", "never committed", "no git"])
def test_edits_that_git_does_not_have(run: Callable[..., Shown], project: Path, state: str, how: str) -> None:
    """They are dropped or merged only when that is said."""
    if state not in ("never committed", "no git"):
        commit(project)
    if state == "never committed":
        git(project, "init", "--quiet")
    set_manifest(project, TWO)
    edit(project, "serving.toml", "\n", "\n# mine\n")
    if state == "staged":
        git(project, "add", "serving.toml")
    if state == "ignored":
        git(project, "rm", "--quiet", "--cached", "serving.toml")
        git(project, "commit", "--quiet", "-m", "out")
        (project / ".git" / "info" / "exclude").write_text("serving.toml\n", "utf-8")
    if state == "assumed unchanged":
        git(project, "update-index", "--assume-unchanged", "serving.toml")
    before = on_disk(project)
    arguments = ["--force", "serving.toml"] if how == "--force" else ["--merge"]
    shown = run("sync", *arguments)
    if how == "--merge" and state in ("never committed", "no git"):
        assert shown.code == 1  # there is no base either: written beside, and no edit touched
        assert (project / "serving.toml").read_text("utf-8") == before["serving.toml"]
        return
    said = "there are edits that are not committed: serving.toml"
    if state == "no git":
        said = "the project is in no git repository, which could bring back the edits of serving.toml"
    assert (shown.code, shown.out, shown.err.splitlines()[0]) == (2, "", f"error: {said}")
    assert on_disk(project) == before
    assert run("sync", *arguments, "--allow-dirty").code == 0
    assert run("check") == SAME


def test_an_uncommitted_file_of_the_user_s_does_not_count(run: Callable[..., Shown], project: Path) -> None:
    commit(project)
    edit(project, "serving.toml", "\n", "\n# mine\n")
    commit(project)
    (project / "inference.py").write_text("# mine\n", "utf-8")
    (project / "new.py").write_text("# mine\n", "utf-8")
    set_manifest(project, TWO)
    assert run("sync", "--merge").code == 0


def test_a_project_below_the_top_of_its_repository(
    run: Callable[..., Shown], folder: Path, make_project: Callable[..., Path]
) -> None:
    """Also from a hook, where git names its own files in the environment."""
    (folder / "services").mkdir()
    project = make_project(folder / "services" / "churn")
    commit(folder)
    edit(project, "serving.toml", "\n", "\n# mine\n")
    git(folder, "commit", "--quiet", "-am", "mine")
    set_manifest(project, TWO)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_DIR", ".git")
        patch.setenv("GIT_INDEX_FILE", ".git/index.lock")
        shown = run("sync", "--merge", "-C", str(project))
    assert shown == UPDATED
    assert "\n# mine\n" in (project / "serving.toml").read_text("utf-8")
    assert "workers = 2" in (project / "serving.toml").read_text("utf-8")


# ---- links, folders, line ends


@pytest.mark.parametrize("kind", ["to a file", "dangling", "out of the project", "a folder", "of a parent", "a pipe"])
def test_something_else_in_a_managed_file_s_place(run: Callable[..., Shown], project: Path, kind: str) -> None:
    """It is never followed and never replaced, not by force either; to eject the file leaves it in peace."""
    outside = project.parent / "outside"
    outside.mkdir()
    (outside / "tags.tf").write_text("# mine\n", "utf-8")
    path = project / "terraform" / "tags.tf"
    stands = "terraform/tags.tf is a symbolic link"
    if kind == "of a parent":
        shutil.move(project / "terraform" / "tests", outside / "tests")
        (project / "terraform" / "tests").symlink_to(outside / "tests")
        stands = "terraform/tests is a symbolic link"
    else:
        path.unlink()
    if kind == "a folder":
        path.mkdir()
        stands = "terraform/tags.tf is a folder"
    elif kind == "a pipe":
        os.mkfifo(path)
        stands = "terraform/tags.tf is no plain file"
    elif kind != "of a parent":
        path.symlink_to({"to a file": "outputs.tf", "dangling": "nowhere"}.get(kind, str(outside / "tags.tf")))
    set_manifest(project, TWO)
    before = (on_disk(project), on_disk(outside))
    for arguments in ([], ["--merge"], ["--force", "terraform/tags.tf", "--allow-dirty"]):
        shown = run("sync", *arguments)
        assert (shown.code, shown.out) == (1, "")
        assert shown.err.startswith(f"error: {stands}, where byocgen writes terraform/")
        assert "  = help: byocgen writes a plain file there: move yours away, or make the file yours: " in shown.err
        assert (on_disk(project), on_disk(outside)) == before
    assert run("check").code == 1
    if kind != "of a parent":
        assert run("eject", "terraform/tags.tf").code == 0
        assert run("sync") == UPDATED
        assert on_disk(outside) == before[1]


def test_a_checkout_with_carriage_returns(run: Callable[..., Shown], project: Path) -> None:
    """It is no drift; what is written has them too; an edit is still an edit, and is merged."""
    commit(project)
    git(project, "config", "core.autocrlf", "true")
    git(project, "rm", "--quiet", "--cached", "-r", ".")
    git(project, "reset", "--quiet", "--hard")
    assert b"\r\n" in (project / "serving.toml").read_bytes()
    assert run("check") == SAME
    set_manifest(project, TWO)
    assert run("sync") == UPDATED
    text = (project / "serving.toml").read_bytes()
    assert b"workers = 2" in text
    assert text.count(b"\n") == text.count(b"\r\n") > 0
    assert run("check") == SAME
    assert set(git(project, "diff", "--name-only").decode().split()) == {"byocgen.yaml", "serving.toml", "byocgen.lock"}
    assert b"\r" not in git(project, "diff", "--", "serving.toml")
    git(project, "commit", "--quiet", "-am", "two")
    edit(project, "serving.toml", "\r\n", "\r\n# mine\r\n")
    assert run("check").code == 1
    git(project, "commit", "--quiet", "-am", "mine")
    set_manifest(project, MINIMAL + "serving: {workers: 3}\n")
    assert run("sync", "--merge") == UPDATED
    text = (project / "serving.toml").read_bytes()
    assert (b"# mine\r\n" in text, b"workers = 3" in text, text.count(b"\n") == text.count(b"\r\n")) == (
        True,
        True,
        True,
    )
    git(project, "commit", "--quiet", "-am", "merged")
    git(project, "config", "core.autocrlf", "false")
    git(project, "rm", "--quiet", "--cached", "-r", ".")
    git(project, "reset", "--quiet", "--hard")
    assert b"\r\n" not in (project / "serving.toml").read_bytes()
    assert run("check") == SAME


# ---- the lock


def test_a_lost_lock(run: Callable[..., Shown], project: Path) -> None:
    """What is as byocgen writes it is taken for its own; anything else is left to a person."""
    lock = lock_of(project)
    (project / "byocgen.lock").unlink()
    assert run("sync") == Shown(0, "", "create   byocgen.lock\n")
    assert lock_of(project) == lock
    (project / "byocgen.lock").unlink()
    (project / "inference.py").write_text("# mine\n", "utf-8")
    edit(project, "Makefile", "\n", "\n# mine\n")
    before = on_disk(project)
    shown = run("sync")
    assert (shown.code, shown.err.splitlines()[0]) == (1, "error: Makefile is there, and byocgen did not write it")
    assert on_disk(project) == before


def test_a_lock_merged_by_git(run: Callable[..., Shown], project: Path) -> None:
    """Two branches that both synced: the conflict in the lock is named, and either side of it does."""
    commit(project)
    git(project, "checkout", "--quiet", "-b", "other")
    set_manifest(project, TWO)
    assert run("sync").code == 0
    git(project, "commit", "--quiet", "-am", "two")
    git(project, "checkout", "--quiet", "-")
    set_manifest(project, MINIMAL + "description: a score\n")
    assert run("sync").code == 0
    edit(project, "byocgen.lock", "\n", "\n \n")  # the same line on both sides
    git(project, "commit", "--quiet", "-am", "described")
    git(project, "checkout", "--quiet", "other")
    edit(project, "byocgen.lock", "\n", "\n  \n")
    git(project, "commit", "--quiet", "-am", "spaces")
    git(project, "checkout", "--quiet", "-")
    with pytest.raises(Exception, match="merge"):
        git(project, "merge", "--quiet", "other")
    assert "<<<<<<< " in lock_of(project)
    set_manifest(project, TWO + "description: a score\n")
    assert run("sync").err.startswith("error: byocgen.lock holds the conflict of a git merge\n")
    git(project, "checkout", "--ours", "--", "byocgen.lock")
    shown = run("sync")
    assert shown.code == 0, shown.err
    assert_fresh(project, TWO + "description: a score\n")
