"""The stages in a row: a manifest's bytes to the project that follows from them, and to the actions that would make it.

Rules: every command is a few of these calls; each takes the last one's value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from byocgen import apply, disk, lock
from byocgen import catalog as catalogs
from byocgen.diagnostics import Diagnostic, has_errors, warning
from byocgen.errors import ManifestError, ToolError
from byocgen.manifest.load import arrange, load
from byocgen.plan import agreement
from byocgen.plan.decide import decide
from byocgen.plan.image import NO_PINS
from byocgen.pricelist import file
from byocgen.reconcile import Action, reconcile
from byocgen.render.render import MANIFEST, render

if TYPE_CHECKING:
    from pathlib import Path

    from byocgen.catalog import Catalog
    from byocgen.lock import Lock
    from byocgen.manifest.model import Manifest
    from byocgen.plan.image import Pins
    from byocgen.plan.plan import Plan
    from byocgen.render.tree import Tree

_ARTIFACT = ("model", "artifact")


@dataclass(frozen=True, slots=True)
class Generated:
    """A project in memory; `warnings` are findings that do not stop it."""

    manifest: Manifest
    plan: Plan
    tree: Tree
    warnings: tuple[Diagnostic, ...]


def generate(  # noqa: PLR0913 - what a project holds beside its manifest, each with no say unless it is there
    text: bytes,
    path: str,
    folder: Path | None = None,
    prices: bytes | None = None,
    model: Path | None = None,
    *,
    pins: Pins = NO_PINS,
) -> Generated:
    """Turn a manifest into a project.

    Args:
        text: The manifest's bytes.
        path: What diagnostics call it.
        folder: Where its artifact would lie; None does not look.
        prices: The project's price file, where it has one.
        model: Where the artifact lies now, if not there.
        pins: Digests of base images, as the project's lock has them.

    Raises:
        ManifestError: with every finding, located.
        ToolError: the price file is none.
    """
    loaded = load(text, path)
    if loaded.manifest is None or loaded.source is None:
        raise ManifestError(loaded.diagnostics)
    catalog = catalogs.load(None if prices is None else catalogs.Prices.read(file.parse(prices)))
    plan, found = decide(loaded.manifest, catalog, pins)
    findings = [*loaded.diagnostics, *loaded.standing(found)]
    if plan is not None and not any(one.key == _ARTIFACT for one in findings):
        place = model or (folder / plan.model.artifact.value if folder is not None else None)
        findings += loaded.standing(_about_artifact(loaded.manifest, catalog, plan, place))
    if plan is None or has_errors(findings):
        raise ManifestError(arrange(loaded.source, findings))
    tree, refused = render(text, loaded.manifest, plan, catalog)
    located = arrange(loaded.source, [*findings, *refused])
    if refused:
        raise ManifestError(located)
    return Generated(loaded.manifest, plan, tree, located)


def _about_artifact(manifest: Manifest, catalog: Catalog, plan: Plan, place: Path | None) -> list[Diagnostic]:
    """Look at the model file as far as there is time; what it is not known to be contradicts nothing."""
    artifact = plan.model.artifact.value
    if place is None or not artifact or artifact.startswith("s3://"):
        return []
    if not disk.exists(place):
        hint = "put the model there before `make model`"
        return [warning("BYO352", f"there is no {artifact} yet", _ARTIFACT, hint)]
    from byocgen.inspect.artifact import Effort, examine  # noqa: PLC0415 - only a project with a model needs its readers
    from byocgen.inspect.damage import Damaged, TooLong, Unknown  # noqa: PLC0415

    try:
        facts = examine(place, Effort.GLANCE)
    except (Unknown, TooLong, OSError):
        return []
    except Damaged as why:
        return [] if manifest.model.framework == "python" else [agreement.unreadable(artifact, str(why))]
    return agreement.check(manifest, catalog, facts, plan.image.framework_version.value)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A project held against its manifest: what follows from that, what the lock knows, what there is to do."""

    made: Generated
    lock: Lock | None
    actions: list[Action]


def compare(root: Path, found: Pins = NO_PINS) -> Comparison:
    """Compare the project at `root` with what its manifest gives today; `found` are pins beside those of its lock.

    Raises:
        ToolError: a change of it is at work or was cut off, so that it is neither the old nor the new one.
    """
    if apply.pending(root):
        hint = "wait for it, or where it was cut off: byocgen sync, which puts the files back first"
        raise ToolError("a change of this project is not complete", hint)
    path = root / MANIFEST
    written = disk.read_lock(root)
    pins = {**lock.pins(written), **found}
    made = generate(disk.read_manifest(path), str(path), root, disk.read_prices(root), pins=pins)
    paths = set(made.tree) | (set(written.files) if written else set()) | {lock.NAME}
    images = lock.pinned({key: digest for key, digest in pins.items() if key in bases(made.plan)})
    return Comparison(made, written, reconcile(made.tree, written, disk.read(root, sorted(paths)), images))


def bases(plan: Plan) -> dict[tuple[str, str], str]:
    """Return the images that a project is built on, by reference and platform, each with its digest where it has one."""
    image = plan.image
    used = (one.value.partition("@") for one in (image.python_image, image.base_image))
    return {(reference, image.platform.value): digest for reference, _, digest in used}
