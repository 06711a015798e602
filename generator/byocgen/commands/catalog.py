"""`byocgen catalog refresh`: the price list of AWS, for the regions of a project, into a file that it commits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from byocgen import apply, disk, present
from byocgen import catalog as catalogs
from byocgen.diagnostics import did_you_mean
from byocgen.errors import ManifestError, ToolError, UsageError
from byocgen.manifest.load import load
from byocgen.patch import difference
from byocgen.pricelist import ask, file, products
from byocgen.reconcile import Action, Kind, Obstacle
from byocgen.render.render import MANIFEST
from byocgen.render.tree import Ownership

if TYPE_CHECKING:
    from pathlib import Path

PARTITIONS = ("aws", "aws-us-gov")
"""Those whose prices are in the list that us-east-1 has, in US dollars."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What AWS said: prices counted by region, and the change of the file that follows."""

    counts: dict[str, int]
    day: str
    action: Action


def refresh(project: Path, regions: tuple[str, ...], output: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Ask AWS and write what it says, or show it.

    Raises:
        ByocgenError: nothing was written.
    """
    target = output or project / file.NAME
    asked = regions or _regions_of(project)
    _refuse_unknown(asked)
    if dry_run:
        _tell(_asked(target, asked), target, dry_run=True, as_json=as_json)
        return
    with apply.alone(target.parent):
        apply.recover(target.parent)
        refreshed = _asked(target, asked)
        apply.change(target.parent, [refreshed.action])
    _tell(refreshed, target, dry_run=False, as_json=as_json)


def _regions_of(project: Path) -> tuple[str, ...]:
    path = project / MANIFEST
    text = disk.read_manifest(path, "run this in a project, or name what to ask for: --region us-east-1")
    loaded = load(text, str(path))
    if loaded.manifest is None:
        raise ManifestError(loaded.diagnostics)
    return loaded.manifest.regions


def _refuse_unknown(regions: tuple[str, ...]) -> None:
    known = catalogs.load().regions
    for region in regions:
        if region not in known:
            hint = did_you_mean(region, known) or "a region looks like us-east-1"
            raise UsageError(f"SageMaker has no region {region}", hint)
        if known[region].partition not in PARTITIONS:
            raise UsageError(
                f"the prices of {region} are in a list of its own partition, {known[region].partition}",
                "leave it out: byocgen knows no price there",
            )


def _asked(target: Path, regions: tuple[str, ...]) -> Refreshed:
    seen = disk.look(target.parent, target.name)
    if isinstance(seen, Obstacle):
        raise ToolError(seen.what, "byocgen writes a plain file there: move yours away")
    document = None if seen is None else file.parse(seen)
    counts: dict[str, int] = {}
    for region in regions:
        present.progress(f"asking for the prices in {region}")
        rows = _rows(region)
        counts[region] = sum(len(found) for found in rows.values())
        document = file.updated(document, region, rows)
    content = file.text(document or {})
    kind = Kind.CREATE if seen is None else Kind.KEEP if seen == content else Kind.UPDATE
    day = max(row["as_of"] for kind in file.KINDS for row in (document or {})[kind])
    return Refreshed(counts, day, Action(kind, target.name, Ownership.SEEDED, seen, content))


def _rows(region: str) -> dict[str, list[products.Row]]:
    try:
        rows = products.rows(ask.products(region), region)
    except ValueError as error:
        raise ToolError(
            f"the price list of AWS is not what this byocgen can read: {error}", "a newer byocgen may read it"
        ) from error
    if not rows["hourly"]:
        raise ToolError(f"the price list of AWS has no hosting price in {region}", "leave the region out: --region")
    return rows


def _tell(refreshed: Refreshed, target: Path, *, dry_run: bool, as_json: bool) -> None:
    action = refreshed.action
    if as_json:
        data = {"file": str(target), "dry_run": dry_run, "as_of": refreshed.day, "prices": refreshed.counts}
        present.put_json({**data, "actions": present.changes_data([action], [None])})
        return
    if dry_run:
        present.put("" if action.kind is Kind.KEEP else difference(action))
        return
    counted = ", ".join(f"{count} prices in {region}" for region, count in refreshed.counts.items())
    if action.kind is Kind.KEEP:
        present.say(f"{target} is up to date: {counted}, as of {refreshed.day}")
        return
    present.say(f"{target} has {counted}, as of {refreshed.day}")
    if target.name == file.NAME:
        present.say("  commit it; byocgen explain cost shows the estimate, byocgen sync follows it")
