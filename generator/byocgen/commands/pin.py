"""`byocgen pin`: the base images by digest, as their registries have them today, in byocgen.lock and in the Dockerfile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from byocgen import apply, present, registry, workflow
from byocgen.commands import remedies
from byocgen.errors import UsageError
from byocgen.reconcile import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from byocgen.plan.image import Pins
    from byocgen.workflow import Comparison

DOCKERFILE = "Dockerfile"


@dataclass(frozen=True, slots=True)
class Pinning:
    """What is pinned then, what was before, and the project compared with that."""

    before: Pins
    now: Pins
    compared: Comparison

    @property
    def yours(self) -> bool:
        """Whether the Dockerfile is the user's, so that the digests are for them to write."""
        return DOCKERFILE in self.compared.made.manifest.files.eject


def run(project: Path, *, refresh: bool, dry_run: bool, as_json: bool) -> None:
    """Ask the registries, for all images again or for those without a digest, and record what they say.

    Raises:
        ByocgenError: nothing was written.
    """
    if dry_run:
        pinning = _pinning(project, refresh=refresh)
    else:
        with apply.alone(project):
            apply.recover(project)
            pinning = _pinning(project, refresh=refresh)
            apply.change(project, pinning.compared.actions)
    _tell(pinning, project, dry_run=dry_run, as_json=as_json)


def _pinning(project: Path, *, refresh: bool) -> Pinning:
    compared = workflow.compare(project)
    if compared.lock is None or any(one.drift for one in compared.actions):
        hint = f"first: {remedies.command(project, 'sync')}; then pin"
        raise UsageError("the project is not what its manifest says", hint)
    before = workflow.bases(compared.made.plan)
    asked = [key for key, digest in before.items() if refresh or not digest]
    for reference, _ in asked:
        present.progress(f"asking for {reference}")
    found = {key: registry.resolve(*key) for key in asked}
    pinned = workflow.compare(project, found)
    edited = next((one.path for one in pinned.actions if one.kind is Kind.CONFLICT), "")
    if edited:
        hint = f"make it yours: {remedies.command(project, 'eject', edited)}; then write the digests into it"
        raise UsageError(f"{edited} holds edits of yours, so the digests cannot be written into it", hint)
    return Pinning(before, {**before, **found}, pinned)


def _tell(pinning: Pinning, project: Path, *, dry_run: bool, as_json: bool) -> None:
    changed = [one for one in pinning.compared.actions if one.drift]
    if as_json:
        images = [
            {"reference": key[0], "platform": key[1], "digest": digest, "before": pinning.before[key] or None}
            for key, digest in pinning.now.items()
        ]
        actions = present.changes_data(changed, [None] * len(changed))
        written = not dry_run and bool(changed)
        data = {"project": str(project), "dry_run": dry_run, "written": written, "images": images, "actions": actions}
        present.put_json(data)
        return
    present.put("".join(f"{reference}@{digest}\n" for (reference, _), digest in pinning.now.items()))
    if not changed:
        present.say("nothing changed; --refresh asks the registries again")
    elif dry_run:
        present.say(present.actions(changed).rstrip("\n"))
    else:
        present.say(f"written into {' and '.join(one.path for one in changed)}; sync keeps it")
    if pinning.yours:
        present.say(present.note("the Dockerfile is yours", "write the digests into its FROM lines"))
