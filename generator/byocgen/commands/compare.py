"""`byocgen check` and `byocgen diff`: two views of the actions that would bring a project to its manifest."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from byocgen import git, github, present, workflow
from byocgen.commands import remedies
from byocgen.diagnostics import did_you_mean
from byocgen.errors import ManifestError, UsageError
from byocgen.patch import difference, first_change, patch
from byocgen.reconcile import Action, Kind
from byocgen.render.render import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from byocgen.workflow import Comparison


def diff(project: Path, paths: Sequence[str], *, as_json: bool) -> None:
    """Write the patch to stdout, and what each part of it is to stderr.

    With `paths`, of those alone, and of yours too: what byocgen would start them with today.

    Raises:
        UsageError: byocgen generates no such file.
    """
    compared = workflow.compare(project)
    shown = _chosen(compared.actions, paths) if paths else compared.actions
    if as_json:
        present.put_json(_data(compared, shown, project))
        return
    present.warn(compared.made.warnings)
    present.put("".join(map(difference, shown)) if paths else patch(shown))
    listed = present.actions(shown)
    present.say(listed.rstrip("\n") if listed else "the project is what its manifest says")
    for one in () if paths else shown:
        words = remedies.about(one, project, _known(compared))
        if words is not None and one.kind in (Kind.NOTICE, Kind.ORPHAN):
            present.say(present.note(*words))


def check(project: Path, form: str) -> int:
    """Do the same, say what would mend it, and return 1 on drift; `form` is text, json or github."""
    if form == "github":
        return _check_on_github(project)
    compared = workflow.compare(project)
    drifted = any(one.drift for one in compared.actions)
    if form == "json":
        present.put_json(_data(compared, compared.actions, project))
        return int(drifted)
    diff_of = patch(compared.actions)
    present.warn(compared.made.warnings)
    present.put(diff_of)
    listed = present.actions(compared.actions)
    present.say(listed.rstrip("\n") if listed else "the project is what its manifest says")
    if drifted:
        _say(_said(compared, project))
    return int(drifted)


def _said(compared: Comparison, project: Path) -> Iterable[remedies.Said | None]:
    """Say for each kind of drift which command mends it."""
    known = _known(compared)
    told = [remedies.about(one, project, known) for one in compared.actions if one.drift]
    return [*told, remedies.drift(compared.actions, project)]


def _say(said: Iterable[remedies.Said | None]) -> None:
    for one in said:
        if one is not None:
            present.say(present.failure(*one))


def _chosen(actions: Sequence[Action], paths: Sequence[str]) -> list[Action]:
    """Of what is the user's show the difference too, though it is no drift."""
    found = {one.path: one for one in actions}
    wanted = [posixpath.normpath(path) for path in paths]
    for path in wanted:
        if path not in found:
            raise UsageError(f'"{path}" is no file that byocgen generates', did_you_mean(path, found))
    chosen = [found[path] for path in dict.fromkeys(wanted)]
    return [replace(one, kind=Kind.NOTICE) if _differs(one) and not one.drift else one for one in chosen]


def _differs(action: Action) -> bool:
    return action.before != action.after


def _known(compared: Comparison) -> frozenset[str]:
    return frozenset(compared.lock.files if compared.lock else ())


def _data(compared: Comparison, actions: Iterable[Action], project: Path) -> dict[str, Any]:
    changed = [one for one in actions if one.kind is not Kind.KEEP]
    return {
        "drift": any(one.drift for one in changed),
        "actions": present.changes_data(changed, [remedies.about(one, project, _known(compared)) for one in changed]),
        "diagnostics": present.diagnostics_data(compared.made.warnings),
    }


def _check_on_github(project: Path) -> int:
    """Annotate each file that drifts, and each finding about the manifest; the patch follows, fenced."""
    place = git.prefix(project)
    prefix = place if place is not None else "" if project == Path() else f"{project.as_posix()}/"
    try:
        compared = workflow.compare(project)
    except ManifestError as error:
        present.put("".join(github.command(github.finding(one, prefix + MANIFEST)) for one in error.diagnostics))
        return error.exit_code
    known = _known(compared)
    plain = remedies.Said("this is not what the manifest says", f"mend it with: {remedies.command(project, 'sync')}")
    commands = [github.command(github.finding(one, prefix + MANIFEST)) for one in compared.made.warnings]
    for one in compared.actions:
        if one.drift:
            message, way = remedies.about(one, project, known) or plain
            line = first_change(one)
            text = f"{message}\n{way}"
            commands.append(
                github.command(github.Annotation("error", text, prefix + one.path, line, 0, "byocgen check"))
            )
    present.put("".join(commands) + github.fenced(patch(compared.actions)))
    return int(any(one.drift for one in compared.actions))
