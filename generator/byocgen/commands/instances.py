"""`byocgen instances`: hosting types that answer what is asked, with prices, and why the others do not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

from byocgen import catalog as catalogs
from byocgen import disk, present
from byocgen.commands import filling, instance_table
from byocgen.diagnostics import did_you_mean
from byocgen.errors import UsageError
from byocgen.inspect.artifact import inspect
from byocgen.manifest.compose import compose
from byocgen.manifest.kinds import FrameworkName, Mode
from byocgen.manifest.load import load
from byocgen.plan import listing
from byocgen.pricelist import file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from byocgen.catalog import Catalog
    from byocgen.manifest.model import Manifest
    from byocgen.plan.listing import Found, RuledOut, Wanted

ARCHITECTURES = ("amd64", "arm64")
INSTANCE_MODES = tuple(mode for mode in get_args(Mode) if mode != "serverless")


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for: filters, and a framework or a model file that must fit."""

    wanted: Wanted
    framework: str | None = None
    fits: Path | None = None
    project: Path = Path()
    """Where a price file may lie."""


def run(request: Request, *, why: bool, as_json: bool) -> None:
    """List the types; with `why` also those that were ruled out.

    Raises:
        UsageError: an option names something that does not exist, or the model file cannot be used.
    """
    prices = disk.read_prices(request.project)
    catalog = catalogs.load(None if prices is None else catalogs.Prices.read(file.parse(prices)))
    wanted = _checked(request.wanted, catalog)
    manifest = _manifest(request, wanted, catalog)
    found, ruled_out = listing.search(wanted, manifest, catalog)
    if as_json:
        present.put_json(_data(wanted, manifest, found, ruled_out if why else None))
        return
    present.put(instance_table.text(found, present.table_width()))
    if why:
        present.put(instance_table.reasons(ruled_out, present.table_width(), after=bool(found)))
    present.say(instance_table.summary(found, ruled_out, wanted, why=why))


def mode(given: str) -> Mode:
    """Take the name of a mode.

    Raises:
        UsageError: there is none such, or its endpoints have no instances.
    """
    _known("mode", given, INSTANCE_MODES, "serverless endpoints have no instances")
    return cast("Mode", given)


def _checked(wanted: Wanted, catalog: Catalog) -> Wanted:
    _known("region", wanted.region, catalog.regions)
    if wanted.architecture is not None:
        _known("arch", wanted.architecture, ARCHITECTURES)
    families = {one.family for one in catalog.instances.values()}
    for family in wanted.families:
        _known("family", family.removeprefix("ml."), families)
    return replace(wanted, families=tuple(family.removeprefix("ml.") for family in wanted.families))


def _known(option: str, given: str, known: Iterable[str], note: str = "") -> None:
    names = sorted(known)
    if given not in names:
        hint = did_you_mean(given, names) or note or (f"known: {', '.join(names)}")
        raise UsageError(f"--{option}: there is no {given}", hint)


def _manifest(request: Request, wanted: Wanted, catalog: Catalog) -> Manifest | None:
    """The manifest of a project on these types, where a framework is known."""
    model: dict[str, Any] = {}
    if request.framework is not None:
        _known("framework", request.framework, get_args(FrameworkName))
        model["framework"] = request.framework
    if request.fits is not None:
        facts = inspect(request.fits)
        filling.fill(model, facts, catalog.frameworks)
        if facts.memory_bytes is None:
            present.say(present.note(f"{request.fits} does not say how much memory it takes: taken for a small model"))
    if "framework" not in model:
        if request.fits is not None:
            raise UsageError(f"{request.fits} does not say which library loads it", "add --framework")
        return None
    kept = {name: model[name] for name in ("framework", "size_gib", "generation", "requirements") if name in model}
    values = {"version": 1, "name": "any", "model": kept, "endpoint": {"mode": wanted.mode, "instance_type": "auto"}}
    return load(compose({**values, "regions": [wanted.region]}).encode(), "byocgen.yaml").manifest


def _data(
    wanted: Wanted, manifest: Manifest | None, found: list[Found], ruled_out: list[RuledOut] | None
) -> dict[str, Any]:
    model = None if manifest is None else manifest.model
    data: dict[str, Any] = {
        "region": wanted.region,
        "mode": wanted.mode,
        "framework": None if model is None else model.framework,
        "size_gib": None if model is None else model.size_gib,
        "instances": [instance_table.row_data(one) for one in found],
    }
    if ruled_out is not None:
        data["ruled_out"] = [{"name": one.instance.name, "reasons": list(one.reasons)} for one in ruled_out]
    return data
