"""The machines of variants and shadows, beside those of the endpoint: they run the same image, so they are of the same kind.

Rules: findings and look-ups only. What the endpoint's own type must be is in `fits`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.diagnostics import Diagnostic, Key, did_you_mean
from byocgen.plan import sizing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.catalog import Catalog, Instance
    from byocgen.manifest.model import Manifest


def further(manifest: Manifest) -> Iterator[tuple[Key, str]]:
    """Yield the field and the name of each instance type beside the endpoint's own."""
    endpoint = manifest.endpoint
    for index, variant in enumerate(endpoint.variants):
        if variant.instance_type is not None:
            yield ("endpoint", "variants", index, "instance_type"), variant.instance_type
    if endpoint.shadow is not None:
        yield ("endpoint", "shadow", "instance_type"), endpoint.shadow.instance_type


def keys(manifest: Manifest) -> tuple[str, ...]:
    """The decisions that say which machines run beside the endpoint's own."""
    endpoint = manifest.endpoint
    variants = ("variants.further",) if endpoint.variants else ()
    return (*variants, "shadow.instance_type") if endpoint.shadow is not None else variants


def every(manifest: Manifest, catalog: Catalog, instance: Instance) -> list[Instance]:
    """Return all types that the image runs on, the endpoint's own first."""
    return [instance, *(catalog.instances[name] for _, name in further(manifest) if name in catalog.instances)]


def check(manifest: Manifest, catalog: Catalog, own: Instance) -> Iterator[Diagnostic]:
    """Find the types that are none, or that could not run the image that the endpoint's own type asks for."""
    for key, name in further(manifest):
        instance = catalog.instances.get(name)
        if instance is None:
            hint = did_you_mean(name, catalog.instances) or "SageMaker hosting types look like ml.m5.xlarge"
            yield Diagnostic("BYO302", f"{name} is no SageMaker hosting type", key, hint)
        elif not instance.provider_floor:
            message = f"no AWS provider for Terraform that accepts {name} is in the catalogue"
            yield Diagnostic("BYO302", message, key, "choose a type of a released provider, such as ml.m7i.xlarge")
        else:
            yield from _unlike(key, own, instance)
            yield from _too_small(key, manifest, instance, catalog)
            yield from _volume(key, manifest, instance)


def _unlike(key: Key, own: Instance, instance: Instance) -> Iterator[Diagnostic]:
    """One image runs on all of them: one architecture, and a GPU everywhere or nowhere."""
    kinds = [
        f"{one.architecture}{'' if one.gpu is None else ' with a GPU'}{' with Neuron' if one.neuron else ''}"
        for one in (own, instance)
    ]
    if kinds[0] != kinds[1]:
        message = f"{instance.name} is {kinds[1]}; the image is built for {own.name}, {kinds[0]}"
        yield Diagnostic("BYO303", message, key, f"name a type of {kinds[0]}")


def _too_small(key: Key, manifest: Manifest, instance: Instance, catalog: Catalog) -> Iterator[Diagnostic]:
    needed = sizing.demand(manifest, catalog, instance)
    if not sizing.workers_that_fit(needed, instance):
        hint = "choose an instance type with more memory: byocgen instances lists them"
        yield Diagnostic("BYO308", sizing.shortage(needed, instance, 1), key, hint)


def _volume(key: Key, manifest: Manifest, instance: Instance) -> Iterator[Diagnostic]:
    if manifest.endpoint.volume_size_gib is not None and instance.nvme_gb is not None:
        message = (
            f"{instance.name} has local NVMe storage and takes no EBS volume, which endpoint.volume_size_gib asks for"
        )
        yield Diagnostic("BYO303", message, key, "choose a type without local storage, or delete volume_size_gib")
