"""The driver under the container: GPU, CUDA build of the framework, machine image and provider are one decision.

NVIDIA's driver is the host's, never the image's. A host whose driver is too old for the image's CUDA does not start the
container (CannotStartContainerError). Rules: a driver runs every CUDA release of the series it came with and of older
ones, down to the series' own minimum (NVIDIA CUDA Compatibility); it must know the GPU, and so must the build. What a
family has by default is kept where it suffices. Else the newest image of the build's own series is named: newer series
run older ones too, but hosts with driver 580 were seen not to start containers of CUDA 12.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.catalog import Build
from byocgen.plan.decision import Decision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from byocgen.catalog import Ami, BaseImage, Catalog, Framework, Instance

SOURCE = "catalogue: drivers.json"


def build(framework: Framework, instance: Instance) -> Build:
    """Say which build of a framework an instance runs: that for CUDA where it has GPUs and there is one."""
    return Build.CUDA if instance.gpu is not None and framework.gpu_distribution else Build.CPU


def cuda(framework: Framework, version: str, instance: Instance) -> str:
    """Return the CUDA toolkit of the build that an instance runs (`12.8`); empty for the build for CPUs."""
    return framework.cuda.get(version, "") if build(framework, instance) is Build.CUDA else ""


def obstacle(catalog: Catalog, instance: Instance, toolkit: str, mode: str) -> str:
    """Say why no host of an instance runs a build; empty where one does."""
    gpu = instance.gpu
    if gpu is None or not toolkit:
        return ""
    known = catalog.drivers.gpus[gpu.model]
    if _numbers(toolkit) < _numbers(known.first_cuda):
        return f"the {gpu.model} ({known.architecture}) is known to CUDA {known.first_cuda} and newer"
    if choose(catalog, [instance], toolkit, mode) is None:
        newest = _offered(catalog, mode)[-1]
        what = "batch transform's newest driver" if mode == "batch" else "the newest driver of endpoints"
        return f"{what}, {newest.driver}, runs CUDA {newest.cuda.split('.')[0]} at most"
    return ""


def choose(catalog: Catalog, instances: Sequence[Instance], toolkit: str, mode: str) -> Ami | None:
    """Choose one machine image for all hosts of a build, the nameless one for what they have by themselves.

    None: there is none that runs it on all of them.
    """
    defaults = [catalog.drivers.defaults.get(one.family) for one in instances]
    if mode != "batch" and all(
        default is not None and _runs(catalog, default, toolkit, instance)
        for default, instance in zip(defaults, instances, strict=True)
    ):
        return defaults[0]
    fitting = [
        ami for ami in _offered(catalog, mode) if all(_runs(catalog, ami, toolkit, instance) for instance in instances)
    ]
    own_series = [ami for ami in fitting if _series(ami.cuda) == _series(toolkit)]
    return own_series[-1] if own_series else next(iter(fitting), None)


def decide(
    catalog: Catalog, instances: Sequence[Instance], toolkit: str, mode: str
) -> tuple[Decision[str | None], str]:
    """Choose the hosts' machine image, and the provider that can name it. `obstacle` has found none.

    Returns:
        The image (None: the platform's default), and the lowest provider that accepts it (empty: any).
    """
    ami = choose(catalog, instances, toolkit, mode) if toolkit else None
    if ami is None:
        return Decision(None, "no GPU is used, so no driver", SOURCE), ""
    needs = f"CUDA {toolkit} needs driver {catalog.drivers.series[_series(toolkit)]} or newer"
    if mode == "batch":
        return _decided(ami.name, f"{needs}; this batch image has {ami.driver}"), ""
    have = ", ".join(dict.fromkeys(_by_themselves(catalog, one.family) for one in instances))
    if not ami.name:
        return _decided(None, f"{needs}; {have}"), ""
    return _decided(ami.name, f"{needs}; {have}, this image has {ami.driver}"), ami.provider_floor


def _by_themselves(catalog: Catalog, family: str) -> str:
    default = catalog.drivers.defaults.get(family)
    if default is None:
        return f"no source states what hosts of {family} have by themselves"
    return f"hosts of {family} have {default.driver} by themselves"


def _decided(name: str | None, reason: str) -> Decision[str | None]:
    return Decision(name, reason, SOURCE, ("image.cuda", "stack.instance_type"))


def base_image(catalog: Catalog, toolkit: str) -> BaseImage:
    """Return the newest CUDA image of a build's series that is not newer than the build: its libraries come with it."""
    return next(
        image
        for image in catalog.cuda_images
        if _series(image.cuda) == _series(toolkit) and _numbers(image.cuda) <= _numbers(toolkit)
    )


def _offered(catalog: Catalog, mode: str) -> tuple[Ami, ...]:
    return catalog.drivers.batch_amis if mode == "batch" else catalog.drivers.amis


def _runs(catalog: Catalog, ami: Ami, toolkit: str, instance: Instance) -> bool:
    needed = catalog.drivers.series.get(_series(toolkit))
    known = instance.gpu and catalog.drivers.gpus[instance.gpu.model].first_cuda
    return needed is not None and ami.driver >= needed and (not known or _numbers(ami.cuda) >= _numbers(known))


def _series(toolkit: str) -> int:
    return _numbers(toolkit)[0]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
