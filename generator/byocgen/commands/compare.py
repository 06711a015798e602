"""`byocgen check` and `byocgen diff`: two views of the actions that would bring a project to its manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen import present, workflow
from byocgen.patch import patch
from byocgen.reconcile import Action, Kind

if TYPE_CHECKING:
    from pathlib import Path

    from byocgen.workflow import Generated


def diff(project: Path, *, as_json: bool) -> None:
    """Write the patch to stdout, and what each part of it is to stderr."""
    made, actions = workflow.compare(project)
    _show(made, actions, as_json=as_json)


def check(project: Path, *, as_json: bool) -> int:
    """Do the same, say what would mend it, and return 1 on drift."""
    made, actions = workflow.compare(project)
    drift = [one for one in actions if one.drift]
    _show(made, actions, as_json=as_json)
    if drift and not as_json:
        present.say("\n".join(_remedies(drift)))
    return 1 if drift else 0


def _show(made: Generated, actions: list[Action], *, as_json: bool) -> None:
    if as_json:
        changed = [one for one in actions if one.kind is not Kind.KEEP]
        data = {
            "drift": any(one.drift for one in actions),
            "actions": [
                {**row, "diff": patch([one])} for one, row in zip(changed, present.actions_data(changed), strict=True)
            ],
            "diagnostics": present.diagnostics_data(made.warnings),
        }
        present.put_json(data)
        return
    present.warn(made.warnings)
    present.put(patch(actions))
    listed = present.actions(actions)
    present.say(listed.rstrip("\n") if listed else "the project is what its manifest says")


def _remedies(drift: list[Action]) -> list[str]:
    """Say for each kind of drift which command mends it."""
    edited = [one.path for one in drift if one.kind is Kind.CONFLICT]
    lines = [
        f"error: {path} is managed and was edited; undo it (git checkout -- {path}) or make it yours (files.eject)"
        for path in edited
    ]
    lines += [
        f"error: {one.path} is no longer generated and was edited; delete it or keep it as yours"
        for one in drift
        if one.kind is Kind.ORPHAN
    ]
    if len(lines) < len([one for one in drift if one.path != "byocgen.lock"]) or not lines:
        lines.append("error: the project is not what its manifest says; mend it with: byocgen diff | git apply")
    return lines
