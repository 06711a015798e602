"""From tree, lock and disk to actions: the whole table; the patch, as git takes it; the lock."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.unit.repository import git

from byocgen import lock as locks
from byocgen.errors import ToolError
from byocgen.lock import Entry, Lock
from byocgen.patch import patch
from byocgen.reconcile import Action, Kind, reconcile
from byocgen.render.tree import File, Ownership, Tree

if TYPE_CHECKING:
    from pathlib import Path

MANAGED, SEEDED = Ownership.MANAGED, Ownership.SEEDED
NOW, THEN, EDITED = b"as generated now\n", b"as generated then\n", b"as edited\n"
STATES = {"absent": None, "now": NOW, "then": THEN, "edited": EDITED}

# What the tree says of the file, what the lock says, what is on disk: what happens.
TABLE: dict[tuple[str, str, str], str] = {
    ("managed", "unknown", "absent"): "create",
    ("managed", "unknown", "now"): "keep",
    ("managed", "unknown", "then"): "conflict",
    ("managed", "unknown", "edited"): "conflict",
    ("managed", "managed now", "absent"): "create",
    ("managed", "managed now", "now"): "keep",
    ("managed", "managed now", "then"): "conflict",
    ("managed", "managed now", "edited"): "conflict",
    ("managed", "managed then", "absent"): "create",
    ("managed", "managed then", "now"): "keep",
    ("managed", "managed then", "then"): "update",
    ("managed", "managed then", "edited"): "conflict",
    ("managed", "seeded now", "absent"): "create",
    ("managed", "seeded now", "now"): "keep",
    ("managed", "seeded now", "then"): "conflict",
    ("managed", "seeded now", "edited"): "conflict",
    ("managed", "seeded then", "absent"): "create",
    ("managed", "seeded then", "now"): "keep",
    ("managed", "seeded then", "then"): "update",
    ("managed", "seeded then", "edited"): "conflict",
    ("seeded", "unknown", "absent"): "create",
    ("seeded", "unknown", "now"): "keep",
    ("seeded", "unknown", "then"): "keep",
    ("seeded", "unknown", "edited"): "keep",
    ("seeded", "managed now", "absent"): "keep",
    ("seeded", "managed now", "now"): "keep",
    ("seeded", "managed now", "then"): "keep",
    ("seeded", "managed now", "edited"): "keep",
    ("seeded", "managed then", "absent"): "keep",
    ("seeded", "managed then", "now"): "keep",
    ("seeded", "managed then", "then"): "keep",
    ("seeded", "managed then", "edited"): "keep",
    ("seeded", "seeded now", "absent"): "keep",
    ("seeded", "seeded now", "now"): "keep",
    ("seeded", "seeded now", "then"): "keep",
    ("seeded", "seeded now", "edited"): "keep",
    ("seeded", "seeded then", "absent"): "keep",
    ("seeded", "seeded then", "now"): "keep",
    ("seeded", "seeded then", "then"): "notice",
    ("seeded", "seeded then", "edited"): "notice",
    ("gone", "managed then", "absent"): "",
    ("gone", "managed then", "then"): "delete",
    ("gone", "managed then", "now"): "orphan",
    ("gone", "managed then", "edited"): "orphan",
    ("gone", "seeded then", "absent"): "",
    ("gone", "seeded then", "then"): "keep",
    ("gone", "seeded then", "now"): "keep",
    ("gone", "seeded then", "edited"): "keep",
    ("gone", "unknown", "absent"): "",
    ("gone", "unknown", "then"): "",
    ("gone", "unknown", "now"): "",
    ("gone", "unknown", "edited"): "",
}


def test_the_table_is_whole() -> None:
    known = ["unknown", "managed now", "managed then", "seeded now", "seeded then"]
    generated = set(itertools.product(["managed", "seeded"], known, STATES))
    gone = set(itertools.product(["gone"], ["unknown", "managed then", "seeded then"], STATES))
    assert set(TABLE) == generated | gone


@pytest.mark.parametrize("case", TABLE, ids=", ".join)
def test_action(case: tuple[str, str, str]) -> None:
    generated, known, disk = case
    tree = Tree([] if generated == "gone" else [File("a", NOW, Ownership(generated))])
    lock = Lock(1, {} if known == "unknown" else {"a": entry(known)})
    before = STATES[disk]
    actions = reconcile(tree, lock, {} if before is None else {"a": before})
    after = None if generated == "gone" else NOW
    owner = known.split()[0] if generated == "gone" else generated
    expected = [Action(Kind(TABLE[case]), "a", Ownership(owner), before, after)] if TABLE[case] else []
    assert [one for one in actions if one.path == "a"] == expected


def entry(known: str) -> Entry:
    """Make the lock's entry of a content."""
    owner, when = known.split()
    file = File("a", NOW if when == "now" else THEN)
    return Entry(Ownership(owner), file.sha256, locks.blob(file.content))


def test_without_a_lock_nothing_is_overwritten() -> None:
    tree = Tree([File("a", NOW), File("b", NOW, SEEDED), File("c", NOW), File("d", NOW)])
    actions = reconcile(tree, None, {"a": EDITED, "b": EDITED, "c": NOW})
    assert [(one.kind.value, one.path) for one in actions] == [
        ("conflict", "a"),
        ("keep", "b"),
        ("keep", "c"),
        ("create", "d"),
        ("create", "byocgen.lock"),
    ]


def test_only_keep_and_notice_are_no_drift() -> None:
    drift = {kind.value: Action(kind, "a", MANAGED, THEN, NOW).drift for kind in Kind}
    assert drift == {
        "create": True,
        "update": True,
        "keep": False,
        "delete": True,
        "conflict": True,
        "orphan": True,
        "notice": False,
    }


def test_the_lock_is_the_last_action() -> None:
    tree = Tree([File("z", NOW)])
    text = locks.text(locks.of(tree))
    kinds = {state: reconcile(tree, None, disk)[-1] for state, disk in LOCKS.items()}
    assert {state: (one.kind.value, one.path, one.after) for state, one in kinds.items()} == {
        "absent": ("create", "byocgen.lock", text),
        "other": ("update", "byocgen.lock", text),
        "same": ("keep", "byocgen.lock", text),
    }


LOCKS: dict[str, dict[str, bytes]] = {
    "absent": {},
    "other": {"byocgen.lock": b"{}"},
    "same": {"byocgen.lock": locks.text(locks.of(Tree([File("z", NOW)])))},
}


# ---- the patch

CHANGES: dict[str, tuple[bytes | None, bytes | None]] = {
    "changed": (b"one\ntwo\nthree\n", b"one\n2\nthree\n"),
    "new": (None, b"a\nb\n"),
    "gone": (b"a\nb\n", None),
    "emptied": (b"a\n", b""),
    "filled": (b"", b"a\n"),
    "no line end before": (b"a\nb", b"a\nb\n"),
    "no line end after": (b"a\nb\n", b"a\nb"),
    "no line end at all": (b"a\nb", b"a\nc"),
    "new without line end": (None, b"a"),
    "carriage returns": (b"a\r\nb\r\n", b"a\r\nc\r\n"),
    "other line separators": ("a\x0bb\u2028c\x85d\n".encode(), "a\x0bb\u2028c\x85e\n".encode()),
    "lines like a patch's": (b"--- a\n+++ b\n@@ -1 +1 @@\n", b"--- a\n+++ c\n@@ -1 +1 @@\n\\ No newline\n"),
    "not UTF-8": ("größe\n".encode("latin-1"), b"size\n"),
    "far apart": (
        b"".join(b"%d\n" % n for n in range(99)),
        b"".join(b"%d\n" % n for n in range(99) if n not in (3, 90)),
    ),
}
PATHS = ["Makefile", "terraform/modules/s3/main.tf", ".gitignore", "a b.txt"]


def action(path: str, before: bytes | None, after: bytes | None) -> Action:
    """Make an action of what stands and what should."""
    kind = Kind.CREATE if before is None else Kind.DELETE if after is None else Kind.UPDATE
    return Action(kind, path, MANAGED, before, after)


@pytest.fixture(scope="module", params=["at the top", "below the top"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in a git repository: its top, or a folder in a bigger one."""
    top = tmp_path_factory.mktemp("repository")
    git(top, "init", "--quiet")
    folder = top if request.param == "at the top" else top / "services" / "churn"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_git_applies_the_patch(project: Path) -> None:
    actions = []
    for index, (before, after) in enumerate(CHANGES.values()):
        path = f"case {index}/{PATHS[index % len(PATHS)]}"
        (project / path).parent.mkdir(parents=True)
        if before is not None:
            (project / path).write_bytes(before)
        actions.append(action(path, before, after))
    git(project, "apply", "--whitespace=nowarn", stdin=patch(actions).encode("utf-8", "surrogateescape"))
    assert {
        one.path: (project / one.path).read_bytes() if (project / one.path).exists() else None for one in actions
    } == {one.path: one.after for one in actions}


def test_git_applies_the_patch_of_empty_files_at_the_top(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "gone").write_bytes(b"")
    git(tmp_path, "apply", stdin=patch([action("new", None, b""), action("gone", b"", None)]).encode())
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir() if path.is_file()] == [("new", b"")]


def test_patch_applies_the_patch(tmp_path: Path) -> None:
    program = shutil.which("patch")
    if program is None:
        pytest.skip("patch is not installed")
    (tmp_path / "a").write_bytes(b"1\n2")
    text = patch([action("a", b"1\n2", b"1\n3\n"), action("d/b", None, b"x")])
    subprocess.run([program, "-p1", "--quiet"], cwd=tmp_path, input=text.encode(), check=True)
    assert ((tmp_path / "a").read_bytes(), (tmp_path / "d" / "b").read_bytes()) == (b"1\n3\n", b"x")


def test_the_patch_of_harmless_actions_is_empty() -> None:
    assert patch([Action(kind, "a", MANAGED, THEN, NOW) for kind in (Kind.KEEP, Kind.NOTICE)]) == ""


def test_the_patch_of_one_change() -> None:
    assert patch([action("a", b"1\n2", b"1\n3\n"), action("b", None, b"x"), action("c", b"y\n", None)]) == (
        "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n 1\n-2\n\\ No newline at end of file\n+3\n"
        "--- /dev/null\n+++ b/b\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n"
        "--- a/c\n+++ /dev/null\n@@ -1 +0,0 @@\n-y\n"
    )


# ---- the lock

TREE = Tree([File("b/é.txt", b"x\n", SEEDED), File("a", b"")])


def test_the_lock_as_text() -> None:
    assert (
        locks.text(locks.of(TREE)).decode()
        == """\
{
  "version": 1,
  "files": {
    "a": {
      "ownership": "managed",
      "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "blob": "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    },
    "b/é.txt": {
      "ownership": "seeded",
      "sha256": "73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac",
      "blob": "587be6b4c3f93f93c489c0111bba5596147a26cb"
    }
  }
}
"""
    )


def test_the_lock_is_read_as_it_was_written() -> None:
    assert locks.parse(locks.text(locks.of(TREE))) == locks.of(TREE)


def test_the_blob_is_git_s(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert git(tmp_path, "hash-object", "--stdin", stdin=b"some\0bytes\xff").decode().strip() == locks.blob(
        b"some\0bytes\xff"
    )


ENTRY = {"ownership": "managed", "sha256": "0" * 64, "blob": "0" * 40}
BAD_LOCKS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "byocgen.lock cannot be read"),
    "in a merge": (b"<<<<<<< HEAD\n{}\n", "byocgen.lock holds the conflict of a git merge"),
    "not UTF-8": (b'{"version": "\xff"}', "byocgen.lock cannot be read"),
    "a list": (b"[]", "byocgen.lock cannot be read"),
    "nested": (b"[" * 100_000, "byocgen.lock cannot be read"),
    "newer": (b'{"version": 2, "paths": {}}', "byocgen.lock has version 2; this byocgen knows 1"),
    "no version": (b'{"files": {}}', "byocgen.lock is damaged"),
    "version zero": (b'{"version": 0, "files": {}}', "byocgen.lock is damaged"),
    "version as a text": (b'{"version": "1", "files": {}}', "byocgen.lock is damaged"),
    "no files": (b'{"version": 1}', "byocgen.lock is damaged"),
    "more": (b'{"version": 1, "files": {}, "more": 1}', "byocgen.lock is damaged"),
    "an owner that is none": (
        json.dumps({"version": 1, "files": {"a": {**ENTRY, "ownership": "mine"}}}).encode(),
        "byocgen.lock is damaged",
    ),
    "a hash that is none": (
        json.dumps({"version": 1, "files": {"a": {**ENTRY, "sha256": "x"}}}).encode(),
        "byocgen.lock is damaged",
    ),
} | {
    f"the path {path!r}": (json.dumps({"version": 1, "files": {path: ENTRY}}).encode(), "byocgen.lock is damaged")
    for path in ("/etc/passwd", "../a", "a/../../b", "", ".", "a//b", "./a", "a/", "a\0b", "..")
}


@pytest.mark.parametrize("case", BAD_LOCKS)
def test_a_lock_that_is_none(case: str) -> None:
    text, message = BAD_LOCKS[case]
    with pytest.raises(ToolError) as raised:
        locks.parse(text)
    assert raised.value.message == message
    assert raised.value.hint


def test_a_good_lock_with_such_an_entry() -> None:
    """The bad ones above are bad for the one reason that their case names."""
    assert list(locks.parse(json.dumps({"version": 1, "files": {"a": ENTRY}}).encode()).files) == ["a"]


def test_two_files_of_one_path_are_a_fault() -> None:
    with pytest.raises(AssertionError, match="two files are called a"):
        Tree([File("a", b"1"), File("a", b"2")])
