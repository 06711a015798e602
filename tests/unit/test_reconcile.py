"""From tree, lock and disk to actions: the whole table; the patch, as git takes it; the lock."""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.repository import git

from byocgen import endings
from byocgen import lock as locks
from byocgen.errors import ToolError
from byocgen.lock import Entry, Lock
from byocgen.patch import difference, first_change, patch
from byocgen.reconcile import Action, Kind, Obstacle, reconcile
from byocgen.render.tree import File, Ownership, Tree

if TYPE_CHECKING:
    from pathlib import Path

MANAGED, SEEDED = Ownership.MANAGED, Ownership.SEEDED
NOW, THEN, EDITED, MERGED = b"generated now\n", b"generated then\n", b"edited\n", b"generated now\nedited\n"
LINK = Obstacle("a is a symbolic link")
STATES: dict[str, bytes | Obstacle | None] = {"absent": None, "now": NOW, "then": THEN, "edited": EDITED}
STATES |= {"merged": MERGED, "link": LINK}
STATES |= {f"{name}+r": (STATES[name] or b"").replace(b"\n", b"\r\n") for name in ("now", "then", "merged")}  # type: ignore[union-attr]
LETTERS = {"C": "create", "K": "keep", "U": "update", "D": "delete", "X": "conflict", "O": "orphan", "N": "notice"}

# What the tree says of the file and what the lock says, a row each; what is on disk, a column each: what happens.
# +r is a checkout with carriage returns. In the lock, `merged` holds the merge of that content with a person's edits, `open`
# one that waits for a person. A dot: nothing is said of the file.
GRID = """
                       absent now then edited merged link now+r then+r merged+r
managed, unknown         C     K   X     X      X     X     K      X      X
managed, managed now     C     K   X     X      X     X     K      X      X
managed, managed then    C     K   U     X      X     X     K      U      X
managed, merged now      C     K   X     X      K     X     K      X      K
managed, merged then     C     K   U     X      X     X     K      U      X
managed, open now        C     K   X     X      X     X     K      X      X
managed, open then       C     K   U     X      X     X     K      U      X
managed, seeded now      C     K   X     X      X     X     K      X      X
managed, seeded then     C     K   U     X      X     X     K      U      X
seeded, unknown          C     K   K     K      K     K     K      K      K
seeded, managed now      K     K   K     K      K     K     K      K      K
seeded, managed then     K     K   K     K      K     K     K      K      K
seeded, merged now       K     K   K     K      K     K     K      K      K
seeded, merged then      K     K   K     K      K     K     K      K      K
seeded, open now         K     K   K     K      K     K     K      K      K
seeded, open then        K     K   K     K      K     K     K      K      K
seeded, seeded now       K     K   K     K      K     K     K      K      K
seeded, seeded then      K     K   N     N      N     K     K      N      N
gone, unknown            .     .   .     .      .     .     .      .      .
gone, managed now        .     D   O     O      O     O     D      O      O
gone, managed then       .     O   D     O      O     O     O      D      O
gone, merged now         .     D   O     O      O     O     D      O      O
gone, merged then        .     O   D     O      O     O     O      D      O
gone, open now           .     D   O     O      O     O     D      O      O
gone, open then          .     O   D     O      O     O     O      D      O
gone, seeded now         .     K   K     K      K     K     K      K      K
gone, seeded then        .     K   K     K      K     K     K      K      K
"""
HEAD, *ROWS = GRID.strip("\n").splitlines()
TABLE: dict[tuple[str, str, str], str] = {
    (row[:22].split(", ")[0], row[:22].split(", ")[1].strip(), state): LETTERS.get(letter, "")
    for row in ROWS
    for state, letter in zip(HEAD.split(), row[22:].split(), strict=True)
}


def test_the_table_is_whole() -> None:
    known = ["unknown", *(f"{owner} {when}" for owner in ("managed", "merged", "open", "seeded") for when in TIMES)]
    assert set(TABLE) == set(itertools.product(["managed", "seeded", "gone"], known, STATES))


TIMES = ("now", "then")


@pytest.mark.parametrize("case", TABLE, ids=", ".join)
def test_action(case: tuple[str, str, str]) -> None:
    generated, known, state = case
    tree = Tree([] if generated == "gone" else [File("a", NOW, Ownership(generated))])
    lock = Lock(1, {} if known == "unknown" else {"a": entry(known)})
    stands = STATES[state]
    actions = reconcile(tree, lock, {} if stands is None else {"a": stands})
    after = None if generated == "gone" else NOW.replace(b"\n", b"\r\n") if state.endswith("+r") else NOW
    owner = MANAGED if known == "unknown" else entry(known).ownership
    owner = owner if generated == "gone" else Ownership(generated)
    before, obstacle = (None, stands.what) if isinstance(stands, Obstacle) else (stands, "")
    expected = [Action(Kind(TABLE[case]), "a", owner, before, after, obstacle)] if TABLE[case] else []
    assert [one for one in actions if one.path == "a"] == expected


def entry(known: str) -> Entry:
    """Make the lock's entry of a content."""
    what, when = known.split()
    content = NOW if when == "now" else THEN
    if what in ("merged", "open"):
        return locks.merging(content, MERGED if what == "merged" else None)
    return locks.entry(content, Ownership(what))


KEPT = {"edited", "merged", "then", "link", "then+r", "merged+r"}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("known", ["merged now", "open now", "merged then", "managed now"])
def test_the_lock_keeps_what_a_merge_left_while_it_is_needed(known: str, state: str) -> None:
    stands = STATES[state]
    actions = reconcile(Tree([File("a", NOW)]), Lock(1, {"a": entry(known)}), {} if stands is None else {"a": stands})
    written = locks.parse(actions[-1].after or b"").files["a"]
    kept = known in ("merged now", "open now") and state in KEPT
    assert written == (entry(known) if kept else locks.entry(NOW))


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


def test_the_patch_of_what_sync_leaves_alone_is_empty() -> None:
    assert patch([Action(kind, "a", MANAGED, THEN, NOW) for kind in (Kind.KEEP, Kind.NOTICE, Kind.ORPHAN)]) == ""
    assert patch([Action(Kind.CONFLICT, "a", MANAGED, None, NOW, "a is a link")]) == ""


def test_the_difference_of_any_action() -> None:
    assert difference(Action(Kind.NOTICE, "a", SEEDED, b"1\n", b"2\n")) == "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-1\n+2\n"
    assert difference(Action(Kind.KEEP, "a", SEEDED, b"1\n", b"1\n")) == ""


def test_the_patch_of_one_change() -> None:
    assert patch([action("a", b"1\n2", b"1\n3\n"), action("b", None, b"x"), action("c", b"y\n", None)]) == (
        "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n 1\n-2\n\\ No newline at end of file\n+3\n"
        "--- /dev/null\n+++ b/b\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n"
        "--- a/c\n+++ /dev/null\n@@ -1 +0,0 @@\n-y\n"
    )


def test_the_line_of_the_first_change() -> None:
    changes: dict[str, tuple[bytes | None, bytes | None]] = {
        "in the middle": (b"1\n2\n3\n", b"1\nx\n3\n"),
        "new": (None, b"1\n"),
        "longer": (b"1\n", b"1\n2\n"),
    }
    changes |= {"shorter": (b"1\n2\n", b"1\n"), "gone": (b"1\n", None)}
    lines = {name: first_change(action("a", *change)) for name, change in changes.items()}
    assert lines == {"in the middle": 2, "new": 1, "longer": 1, "shorter": 2, "gone": 1}


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


MERGING = locks.merging(b"generated\n", b"generated\nedited\n")


def test_a_merged_file_in_the_lock() -> None:
    """Its two keys are there for a merge alone; what they carry comes back, and nothing else does."""
    lock = Lock(1, {"a": MERGING, "b": locks.merging(b"x\n", None), "c": locks.entry(b"y\n")})
    text = locks.text(lock)
    assert locks.parse(text) == lock
    rows = json.loads(text)["files"]
    assert {path: list(row)[3:] for path, row in rows.items()} == {"a": ["merged", "base"], "b": ["base"], "c": []}
    assert locks.carried(MERGING) == b"generated\n"
    assert locks.carried(lock.files["c"]) is None


BOMB = base64.b64encode(zlib.compress(b"\0" * 2**25)).decode()


@pytest.mark.parametrize("base", ["", "no base64", "AAAA", "é", MERGING.base, BOMB], ids=range(6))
def test_a_base_that_is_none(base: str) -> None:
    assert locks.carried(replace(locks.entry(b"other\n"), base=base)) is None


def test_carriage_returns_in_the_lock_are_no_drift() -> None:
    tree = Tree([File("z", NOW)])
    text = locks.text(locks.of(tree)).replace(b"\n", b"\r\n")
    assert reconcile(tree, locks.parse(text), {"z": NOW, "byocgen.lock": text})[-1].kind is Kind.KEEP


# ---- line ends

TEXTS: dict[str, tuple[bytes, bytes]] = {
    "feeds": (b"a\nb\n", b"a\nb\n"),
    "both": (b"a\r\nb\r\n", b"a\nb\n"),
    "both, none at the end": (b"a\r\nb", b"a\nb"),
    "mixed": (b"a\r\nb\n", b"a\r\nb\n"),
    "a return alone": (b"a\rb\r\n", b"a\rb\r\n"),
    "binary": (b"\0\r\n", b"\0\r\n"),
    "none": (b"a", b"a"),
    "empty": (b"", b""),
}


@pytest.mark.parametrize("case", TEXTS)
def test_line_ends(case: str) -> None:
    text, unix = TEXTS[case]
    assert endings.unix(text) == unix
    assert endings.like(unix, text) == text


def test_line_ends_like_nothing() -> None:
    assert endings.like(b"a\n", None) == b"a\n"


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
    for path in (
        "/etc/passwd",
        "../a",
        "a/../../b",
        "",
        ".",
        "a//b",
        "./a",
        "a/",
        "a\0b",
        "..",
        ".git/config",
        ".GIT/hooks/x",
        "a\nb",
        "a\x1b[2Jb",
    )
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
