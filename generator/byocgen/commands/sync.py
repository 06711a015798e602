"""`byocgen sync`: a project is brought to its manifest and to this byocgen, all of it or nothing."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byocgen import apply, git, merging, present, resolve, workflow
from byocgen.commands import remedies
from byocgen.diagnostics import did_you_mean
from byocgen.errors import UsageError
from byocgen.lock import NAME as LOCK
from byocgen.patch import patch
from byocgen.reconcile import Action, Kind
from byocgen.render.tree import Ownership

if TYPE_CHECKING:
    from pathlib import Path

    from byocgen.lock import Lock
    from byocgen.workflow import Generated

_LISTED = 3
"""Paths that a sentence names before it only counts."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a person allows: which edits to drop, to merge all others, and to touch what git does not have."""

    forced: tuple[str, ...] = ()
    merge: bool = False
    allow_dirty: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What would be done; `refused` are the conflicts that stop it, `said` is what a person has to know.

    `touched` holds edits of a person's; `strangers` are those of them that are no edits of a file of byocgen's.
    """

    made: Generated
    actions: list[Action]
    refused: list[Action]
    touched: list[str]
    strangers: list[str]
    said: dict[str, remedies.Said]

    @property
    def harmless(self) -> frozenset[str]:
        """Paths of which something is said that stops nothing."""
        return frozenset(one.path for one in self.actions if one.kind in (Kind.NOTICE, Kind.ORPHAN))


def run(project: Path, request: Request, *, dry_run: bool, as_json: bool) -> int:
    """Bring the project up to date, or say what would be done; return 1 where a person has to act first or after.

    Raises:
        ByocgenError: nothing was changed.
    """
    if dry_run:
        _tell(_step(project, request), project, dry_run=True, as_json=as_json)
        return 0
    with apply.alone(project):
        _say_recovery(apply.recover(project))
        step = _step(project, request)
        if not step.refused:
            if not request.allow_dirty:
                _refuse_dirty(project, step.touched)
            _refuse_strangers(project, step.strangers)
            apply.change(project, step.actions)
    _tell(step, project, dry_run=False, as_json=as_json)
    return int(_unfinished(step))


def _step(project: Path, request: Request) -> Step:
    compared = workflow.compare(project)
    forced = _forced(compared.actions, request.forced)
    actions = resolve.force(compared.actions, forced)
    known = frozenset(compared.lock.files if compared.lock else ())
    said = {one.path: words for one in actions if (words := remedies.about(one, project, known)) is not None}
    edited = [one for one in actions if one.kind is Kind.CONFLICT and not one.obstacle]
    touched = [one.path for one in compared.actions if one.path in forced and resolve.edited(one)]
    strangers = [path for path in touched if not _written(compared.lock, path)]
    refused = [one for one in actions if one.kind is Kind.CONFLICT]
    if request.merge and len(edited) == len(refused):
        merges = merging.merge(project, compared.lock, edited)
        actions = resolve.merge(actions, merges.texts, merges.conflicts)
        actions = resolve.set_beside(actions, merges.baseless)
        said = {path: words for path, words in said.items() if path not in merges.texts}
        said |= {path: remedies.unsettled(path, count, project) for path, count in merges.conflicts.items()}
        said |= {path: remedies.baseless(path, project) for path in merges.baseless}
        touched += [path for path, text in merges.texts.items() if text != _before(edited, path)]
        refused = []
    return Step(compared.made, actions, refused, touched, strangers, said)


def _forced(actions: list[Action], paths: tuple[str, ...]) -> frozenset[str]:
    """Refuse a path that is none of byocgen's, so that a typing error is not taken for consent."""
    managed = {one.path: one for one in actions if one.ownership is Ownership.MANAGED and one.path != LOCK}
    wanted = [posixpath.normpath(path) for path in paths]
    for path in wanted:
        if path not in managed:
            yours = any(one.path == path and one.ownership is Ownership.SEEDED for one in actions)
            what = "is yours: byocgen never writes it again" if yours else "is no file that byocgen manages"
            raise UsageError(f'--force: "{path}" {what}', "" if yours else did_you_mean(path, managed))
    return frozenset(wanted)


def _written(lock: Lock | None, path: str) -> bool:
    """Whether byocgen wrote the file that a person edited; of one whose merge is open the lock cannot tell."""
    entry = lock.files.get(path) if lock is not None else None
    is_open = entry is not None and entry.base is not None and entry.merged is None
    return entry is not None and entry.ownership is Ownership.MANAGED and not is_open


def _before(actions: list[Action], path: str) -> bytes | None:
    return next(one.before for one in actions if one.path == path)


def _refuse_dirty(project: Path, touched: list[str]) -> None:
    """Edits are replaced or rewritten only where git could bring them back."""
    lost = git.uncommitted(project, touched)
    if not lost:
        return
    paths = _few(lost)
    if git.prefix(project) is None:
        raise UsageError(
            f"the project is in no git repository, which could bring back the edits of {paths}",
            "git init && git add -A && git commit, or without a way back: --allow-dirty",
        )
    raise UsageError(
        f"there are edits that are not committed: {paths}",
        "commit them, so that git can bring them back, or without a way back: --allow-dirty",
    )


def _refuse_strangers(project: Path, strangers: list[str]) -> None:
    """What byocgen did not write is replaced only where git could bring it back, whatever a person allows."""
    lost = git.uncommitted(project, strangers)
    if lost:
        raise UsageError(
            f"byocgen did not write what is there, and no commit has it: {_few(lost)}",
            "commit it, so that git can bring it back, or move it elsewhere: no option drops it",
        )


def _few(paths: list[str]) -> str:
    return ", ".join(paths[:_LISTED]) + (f" and {len(paths) - _LISTED} more" if len(paths) > _LISTED else "")


def _unfinished(step: Step) -> bool:
    """Whether a person has to act: on a conflict that is left, or on conflict markers."""
    return not step.said.keys() <= step.harmless


def _say_recovery(recovery: apply.Recovery) -> None:
    if recovery.undone:
        present.say(f"an earlier change was cut off; put back: {', '.join(recovery.undone)}")
    if recovery.left:
        present.say(f"written since it was cut off, and left alone: {', '.join(recovery.left)}")


def _tell(step: Step, project: Path, *, dry_run: bool, as_json: bool) -> None:
    written = not dry_run and not step.refused
    if as_json:
        changed = [one for one in step.actions if one.kind is not Kind.KEEP]
        data = {
            "project": str(project),
            "dry_run": dry_run,
            "written": written,
            "actions": present.changes_data(changed, [step.said.get(one.path) for one in changed]),
            "diagnostics": present.diagnostics_data(step.made.warnings),
        }
        present.put_json(data)
        return
    present.warn(step.made.warnings)
    listed = present.actions(step.actions)
    if dry_run:
        present.put(listed)
    elif step.refused:
        present.put(patch(step.refused))
    elif listed:
        present.say(listed.rstrip("\n"))
    for path, words in step.said.items():
        present.say(present.note(*words) if path in step.harmless else present.failure(*words))
    if step.refused and not dry_run:
        present.say("nothing was written")
    elif not listed:
        present.say("the project is what its manifest says")
