"""Properties of a project over its life, on a small tree: thousands of histories of byocgen, its user and its manifest."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from byocgen import apply, disk, merging, resolve
from byocgen import lock as locks
from byocgen.reconcile import Action, Kind, reconcile
from byocgen.render.tree import File, Ownership, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.lock import Lock

MANY = settings(
    max_examples=600, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PATHS = ("a", "b", "d/a", "d/e/b")
WRITTEN = {Kind.CREATE, Kind.UPDATE, Kind.DELETE}

# What byocgen generates is marked, so that a text of a person is never one of byocgen's by chance.
generated = st.integers(0, 3).map(lambda number: b"".join(b"ours %d\n" % (number * (line == 4)) for line in range(9)))
personal = st.integers(0, 3).map(lambda number: b"mine %d\n" % number)
files = st.builds(File, st.sampled_from(PATHS), generated, st.sampled_from(list(Ownership)))
trees = st.lists(files, unique_by=lambda one: one.path, max_size=4).map(Tree)
edits = st.dictionaries(
    st.sampled_from([*PATHS, "mine", "d/mine", "d/e/f/mine"]),
    st.none() | personal | st.sampled_from(["link", "crlf", "append", "read-only"]),
    max_size=4,
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No property depends on how long the disk takes."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@contextmanager
def empty() -> Iterator[Path]:
    """A project's folder, in memory where there is such a place."""
    memory = "/dev/shm"  # noqa: S108 - a folder of its own is made in it
    folder = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def compared(root: Path, tree: Tree) -> tuple[Lock | None, list[Action]]:
    """Do what `workflow.compare` does with a tree that is there."""
    lock = disk.read_lock(root)
    paths = {*tree, *(lock.files if lock else ()), locks.NAME}
    return lock, reconcile(tree, lock, disk.read(root, sorted(paths)))


def sync(root: Path, tree: Tree, *, force: bool = False, merge: bool = False) -> list[Action]:
    """Do what `byocgen sync` does: nothing where a conflict is left; return what is left to be said."""
    lock, actions = compared(root, tree)
    conflicts = [one for one in actions if one.kind is Kind.CONFLICT and not one.obstacle]
    if force:
        actions = resolve.force(actions, {one.path for one in conflicts})
    elif merge:
        found = merging.merge(root, lock, conflicts)
        actions = resolve.merge(actions, found.texts, found.conflicts)
    if not any(one.kind is Kind.CONFLICT for one in actions):
        apply.change(root, actions)
    return actions


def do(root: Path, changes: dict[str, bytes | str | None]) -> None:
    """Do what a person does to files: write, delete, link, append, check out with carriage returns, make read-only."""
    for name, change in changes.items():
        path = root / name
        if change is None:
            path.unlink(missing_ok=True)
        elif isinstance(change, bytes):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_bytes(change)
        elif change == "link":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.symlink_to("nowhere")
        elif path.is_file() and not path.is_symlink():
            text = path.read_bytes()
            if change == "crlf":
                path.write_bytes(text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
            elif change == "append":
                path.chmod(0o644)
                path.write_bytes(text + b"more of mine\n")
            else:
                path.chmod(0o444)


def standing(root: Path) -> dict[str, bytes]:
    """Return every file and link below a folder."""
    return {
        path.relative_to(root).as_posix(): str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


@MANY
@given(st.lists(st.tuples(trees, edits), min_size=1, max_size=4), trees)
def test_apply_then_reconcile_is_all_keep(
    history: list[tuple[Tree, dict[str, bytes | str | None]]], last: Tree
) -> None:
    """Whatever happened before: once it is synced, there is nothing to do, and the lock is that of a new project."""
    with empty() as root:
        for tree, changes in history:
            sync(root, tree, force=True)
            do(root, changes)
        if any(one.obstacle for one in compared(root, last)[1] if one.kind is Kind.CONFLICT):
            return
        sync(root, last, force=True)
        assert {one.kind for one in compared(root, last)[1]} == {Kind.KEEP}
        assert (root / locks.NAME).read_bytes() == locks.text(locks.of(last))
        assert not apply.pending(root)


@MANY
@given(st.lists(st.tuples(trees, edits), min_size=2, max_size=4), st.sampled_from(["plain", "force"]))
def test_seeded_files_and_strangers_never_change(
    history: list[tuple[Tree, dict[str, bytes | str | None]]], how: str
) -> None:
    """Of what byocgen once made as the user's, and of what it never made, every byte and every absence stays."""
    with empty() as root:
        for tree, changes in history:
            lock, _ = compared(root, tree)
            known = lock.files if lock else {}
            before = standing(root)
            sync(root, tree, force=how == "force")
            after = standing(root)
            yours = [path for path, file in tree.items() if file.ownership is Ownership.SEEDED]
            strangers = [path for path in before if path not in known and path not in tree and path != locks.NAME]
            for path in [*(one for one in yours if one in known or one in before), *strangers]:
                assert after.get(path) == before.get(path)
            do(root, changes)


@MANY
@given(st.lists(st.tuples(trees, edits), min_size=2, max_size=5))
def test_what_a_person_wrote_is_never_lost(history: list[tuple[Tree, dict[str, bytes | str | None]]]) -> None:
    """Without --force nothing that holds a person's text is overwritten or deleted, through any number of syncs."""
    with empty() as root:
        for tree, changes in history:
            before = standing(root)
            sync(root, tree)
            after = standing(root)
            for path, text in before.items():
                if b"mine" in text or b"nowhere" in text:
                    assert after.get(path) == text
            do(root, changes)


@settings(MANY, max_examples=500)
@given(trees, edits, trees, edits, st.randoms(use_true_random=False))
def test_the_order_of_operations_does_not_matter(
    first: Tree, some: dict[str, bytes | str | None], second: Tree, more: dict[str, bytes | str | None], chance: object
) -> None:
    """Actions are independent: done in any order they give the same tree."""
    assert chance is not None
    with empty() as root, empty() as other:
        for folder in (root, other):
            sync(folder, first, force=True)
            do(folder, some | more)
        _, actions = compared(root, second)
        if any(one.obstacle for one in actions):
            return
        actions = resolve.force(actions, {one.path for one in actions})
        apply.change(root, actions)
        shuffled = list(actions)
        chance.shuffle(shuffled)  # type: ignore[attr-defined]
        for one in shuffled:
            apply.change(other, [one])
        assert standing(root) == standing(other)


@settings(MANY, max_examples=300)
@given(st.lists(st.tuples(trees, st.lists(st.sampled_from(PATHS), max_size=2)), min_size=2, max_size=4))
def test_merges_keep_every_edit(history: list[tuple[Tree, list[str]]]) -> None:
    """Lines that a person added stay through any number of merges; a merged file is clean, and conflicts are said."""
    with empty() as root:
        added: dict[str, int] = {}
        for tree, appended in history:
            before = standing(root)
            actions = sync(root, tree, merge=True)
            if any(one.kind is Kind.CONFLICT for one in actions):
                assert standing(root) == before
                return
            for path, count in added.items():
                assert standing(root)[path].count(b"more of mine\n") == count
            assert {one.kind for one in compared(root, tree)[1]} <= {Kind.KEEP}
            for path in appended:
                if (root / path).is_file():
                    do(root, {path: "append"})
                    added[path] = added.get(path, 0) + 1
