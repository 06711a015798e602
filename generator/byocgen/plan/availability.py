"""Whether a region has the instance type, as far as that is known.

Rules: AWS's price list, where a project has read it whole, is proof: no price, no type, an error. EC2 without the machine
is a sign, a warning. What is in neither is no finding: `explain` says that nobody knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.diagnostics import Diagnostic, Key, warning
from byocgen.plan import machines
from byocgen.plan.decision import Fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.catalog import Catalog
    from byocgen.manifest.model import Manifest


def serverless(manifest: Manifest, catalog: Catalog) -> Iterator[Diagnostic]:
    """Find the regions of the manifest that lack serverless endpoints."""
    for index, region in enumerate(manifest.regions):
        if catalog.prices.lacks_serverless(region):
            message = f"{region} has no serverless endpoints: AWS's price list of the region does not name them"
            hint = "leave the region out, or use mode realtime; a list that is old is read again by `byocgen catalog refresh`"
            yield Diagnostic("BYO312", message, ("regions", index), hint)


def check(manifest: Manifest, instance_type: str, catalog: Catalog) -> Iterator[Diagnostic]:
    """Find the regions of the manifest that lack a type, or that of a variant or a shadow."""
    own: Key = ("endpoint", "instance_type")
    for key, name in [(own, instance_type), *machines.further(manifest)]:
        yield from _lacking(manifest, key, name, catalog)


def facts(manifest: Manifest, instance_type: str, catalog: Catalog) -> tuple[Fact, ...]:
    """Say of each region whether it has a type, or that nobody knows, and who would."""
    return tuple(_fact(region, instance_type, catalog) for region in manifest.regions)


def _fact(region: str, instance_type: str, catalog: Catalog) -> Fact:
    price = catalog.prices.hourly(region, instance_type)
    if price is not None:
        return Fact(f"{region} has {instance_type}: it has a price there", price.source)
    unknown = f"whether {region} has {instance_type} is unknown"
    if instance_type in catalog.ec2_lacks.get(region, ()):
        return Fact(f"{unknown}: EC2 had no such machine there", "catalogue: offerings.json")
    return Fact(unknown, "nobody here: AWS's price list tells it, which `byocgen catalog refresh` reads")


def _lacking(manifest: Manifest, field: Key, instance_type: str, catalog: Catalog) -> Iterator[Diagnostic]:
    for index, region in enumerate(manifest.regions):
        key: Key = ("regions", index) if index else field
        if catalog.prices.lacks(region, instance_type):
            message = f"{region} has no {instance_type}: AWS's price list of the region does not name it"
            yield Diagnostic("BYO312", message, key, _where(catalog, instance_type))
        elif instance_type in catalog.ec2_lacks.get(region, ()) and region not in catalog.prices.complete:
            message = (
                f"{region} may have no {instance_type}: EC2 had no such machine there when that was last looked at"
            )
            hint = "`byocgen catalog refresh` asks AWS; or choose another type or region"
            yield warning("BYO355", message, key, hint)


def _where(catalog: Catalog, instance_type: str) -> str:
    having = [region for region in sorted(catalog.prices.complete) if not catalog.prices.lacks(region, instance_type)]
    refresh = "a list that is old is read again by `byocgen catalog refresh`"
    if having:
        return f"these regions have it: {', '.join(having)}; {refresh}"
    return f"choose another type: `byocgen instances` lists them; {refresh}"
