"""`byocgen upgrade`: a manifest of an older version becomes one of this byocgen's, comments and order kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from byocgen import apply, disk, present, workflow
from byocgen.errors import ManifestError, ToolError
from byocgen.manifest import migrations, upgrade
from byocgen.manifest.load import load
from byocgen.patch import difference
from byocgen.reconcile import Action, Kind, Obstacle
from byocgen.render.render import MANIFEST
from byocgen.render.tree import Ownership

if TYPE_CHECKING:
    from pathlib import Path

    from byocgen.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class Step:
    """What would be written: nothing, where the manifest has this byocgen's version already."""

    was: int
    actions: list[Action]
    warnings: tuple[Diagnostic, ...] = ()


def run(project: Path, other: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Rewrite the project's manifest, or another one, or say what would be changed in it.

    Raises:
        ByocgenError: it is none of an older version, or would be wrong as one of this; nothing was written.
    """
    manifest = other or project / MANIFEST
    if dry_run:
        _tell(_step(manifest), manifest, dry_run=True, as_json=as_json)
        return
    disk.read_manifest(manifest)  # says what to do where there is none
    with apply.alone(manifest.parent):
        apply.recover(manifest.parent)
        step = _step(manifest)
        apply.change(manifest.parent, step.actions)
    _tell(step, manifest, dry_run=False, as_json=as_json)


def _step(manifest: Path) -> Step:
    before = disk.read_manifest(manifest)
    upgraded = upgrade.upgrade(before, str(manifest))
    if upgraded is None:
        loaded = load(before, str(manifest))
        if not loaded.usable:
            raise ManifestError(loaded.diagnostics)
        return Step(migrations.VERSION, [], loaded.diagnostics)
    seen = disk.look(manifest.parent, manifest.name)
    if isinstance(seen, Obstacle):
        raise ToolError(seen.what, "byocgen rewrites plain files only: put the manifest itself there")
    called = f"{manifest} (as version {migrations.VERSION})"
    made = workflow.generate(upgraded.content, called, manifest.parent, disk.read_prices(manifest.parent))
    action = Action(Kind.UPDATE, manifest.name, Ownership.SEEDED, before, upgraded.content)
    return Step(upgraded.was, [action], made.warnings)


def _tell(step: Step, manifest: Path, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        data = {
            "manifest": str(manifest),
            "dry_run": dry_run,
            "from": step.was,
            "to": migrations.VERSION,
            "actions": present.changes_data(step.actions, [None] * len(step.actions)),
            "diagnostics": present.diagnostics_data(step.warnings),
        }
        present.put_json(data)
        return
    present.warn(step.warnings)
    if dry_run:
        present.put("".join(difference(one) for one in step.actions))
    if not step.actions:
        present.say(f"{manifest} has version {migrations.VERSION} already")
    elif not dry_run:
        present.say(f"{manifest} was version {step.was} and is version {migrations.VERSION} now")
