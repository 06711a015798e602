"""What the catalogue forbids: types, regions and versions that do not exist, and models that do not fit.

Rules: findings only, nothing is decided here. Each names the field that causes it and a way out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.catalog import Build
from byocgen.diagnostics import Diagnostic, did_you_mean, warning
from byocgen.plan import availability, drivers, machines, sizing
from byocgen.plan.decision import counted
from byocgen.plan.image import version_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.catalog import Catalog, Framework, Gpu, Instance
    from byocgen.manifest.kinds import Mode
    from byocgen.manifest.model import Manifest

BATCH_EXCLUDED = ("p4d", "p5")
"""Families without batch transform although SageMaker hosts them (SageMaker CreateTransformJob)."""


def check(manifest: Manifest, catalog: Catalog) -> list[Diagnostic]:
    """Find what cannot be built, and what can but should not."""
    return [
        *_regions(manifest, catalog),
        *_versions(manifest, catalog),
        *(availability.serverless(manifest, catalog) if manifest.endpoint.mode == "serverless" else ()),
    ]


def _regions(manifest: Manifest, catalog: Catalog) -> Iterator[Diagnostic]:
    for index, region in enumerate(manifest.regions):
        if region not in catalog.regions:
            hint = did_you_mean(region, catalog.regions) or "SageMaker's regions are in the AWS General Reference"
            yield Diagnostic("BYO307", f"SageMaker has no region {region}", ("regions", index), hint)
        elif _partition(region, catalog) != _partition(manifest.regions[0], catalog):
            message = f"{region} and {manifest.regions[0]} are of two partitions of AWS, which share no account"
            yield Diagnostic("BYO303", message, ("regions", index), "make a project for each of them")


def _partition(region: str, catalog: Catalog) -> str | None:
    return catalog.regions[region].partition if region in catalog.regions else None


def _versions(manifest: Manifest, catalog: Catalog) -> Iterator[Diagnostic]:
    model = manifest.model
    framework = catalog.frameworks.get(model.framework)
    if framework is None:
        return
    version = version_for(manifest, catalog, None)
    pythons = framework.versions.get(version)
    if pythons is None:
        known = ", ".join(framework.versions)
        message = f"{framework.title} {version} is not in the catalogue"
        yield Diagnostic("BYO305", message, ("model", "framework_version"), f"known versions: {known}")
    elif model.python is not None and model.python not in pythons:
        message = f"{framework.title} {version} has no wheels for Python {model.python}"
        yield Diagnostic("BYO305", message, ("model", "python"), f"it has them for: {', '.join(pythons)}")


def unknown_type(name: str, catalog: Catalog) -> Diagnostic:
    """Say of a name that it is no type that byocgen can plan for."""
    key = ("endpoint", "instance_type")
    if name in catalog.instance_types_without_facts:
        message = f"{name} is a hosting type, but its vCPUs and memory are not in the catalogue"
        return Diagnostic("BYO302", message, key, "choose a type that `byocgen instances` lists")
    hint = did_you_mean(name, catalog.instances) or "SageMaker hosting types look like ml.m5.xlarge"
    return Diagnostic("BYO302", f"{name} is no SageMaker hosting type", key, hint)


def of_instance(manifest: Manifest, instance: Instance, catalog: Catalog) -> list[Diagnostic]:
    """Find what speaks against an instance type for this manifest."""
    return [
        *_family(manifest, instance, catalog),
        *availability.check(manifest, instance.name, catalog),
        *capacity(manifest, instance, catalog),
    ]


def of_kind(instance: Instance, mode: Mode) -> Iterator[Diagnostic]:
    """Find what speaks against an instance type whatever the model is."""
    key = ("endpoint", "instance_type")
    if not instance.provider_floor:
        message = f"no AWS provider for Terraform that accepts {instance.name} is in the catalogue"
        yield Diagnostic("BYO302", message, key, "choose a type of a released provider, such as ml.m7i.xlarge")
    if instance.neuron:
        message = f"{instance.name} runs models compiled for Neuron, which byocgen does not make"
        yield Diagnostic(
            "BYO303", message, key, "use a CPU type such as ml.c7i.xlarge, or a GPU type such as ml.g5.xlarge"
        )
    if mode == "batch" and (instance.family in BATCH_EXCLUDED or not instance.batch):
        message = f"batch transform does not run on {instance.name}"
        yield Diagnostic("BYO303", message, key, "use a type such as ml.m5.xlarge")


def _family(manifest: Manifest, instance: Instance, catalog: Catalog) -> Iterator[Diagnostic]:
    yield from of_kind(instance, manifest.endpoint.mode)
    if instance.gpu is not None:
        yield from _gpu(manifest, instance, instance.gpu, catalog)
    if manifest.endpoint.volume_size_gib is not None and instance.nvme_gb is not None:
        message = f"{instance.name} has {instance.nvme_gb} GB of local NVMe storage and takes no EBS volume"
        yield Diagnostic("BYO303", message, ("endpoint", "volume_size_gib"), "delete the line")


def _gpu(manifest: Manifest, instance: Instance, gpu: Gpu, catalog: Catalog) -> Iterator[Diagnostic]:
    framework = catalog.frameworks[manifest.model.framework]
    if drivers.build(framework, instance) is Build.CPU:
        who = "the image of framework python" if framework.name == "python" else framework.title
        message = f"{who} does not use the {gpu.model} of {instance.name}, and you pay for it"
        hint = "a CPU type such as ml.m5.xlarge costs a fraction"
        yield warning("BYO351", message, ("endpoint", "instance_type"), hint)
        return
    version = version_for(manifest, catalog, instance)
    if version not in framework.versions:
        return
    mode, cuda = manifest.endpoint.mode, framework.cuda.get(version, "")
    why = drivers.obstacle(catalog, instance, cuda, mode)
    what = f"{framework.title} {version} has no build for GPUs, such as the {gpu.model} of {instance.name}"
    if cuda:
        what = f"{framework.title} {version} is built with CUDA {cuda}, which {instance.name} does not run: {why}"
    if why or not cuda:
        given = manifest.model.framework_version is not None
        key = ("model", "framework_version") if given else ("endpoint", "instance_type")
        yield Diagnostic("BYO313", what, key, _runnable(manifest, instance, framework, catalog))
        return
    for place, name in machines.further(manifest):
        other = catalog.instances.get(name)
        why = drivers.obstacle(catalog, other, cuda, mode) if other is not None else ""
        if other is not None and why:
            what = f"{framework.title} {version} is built with CUDA {cuda}, which {name} does not run: {why}"
            yield Diagnostic("BYO313", what, place, _runnable(manifest, other, framework, catalog))


def _runnable(manifest: Manifest, instance: Instance, framework: Framework, catalog: Catalog) -> str:
    """Name the versions that the instance runs, or what else would do."""
    mode = manifest.endpoint.mode
    fitting = [v for v, cuda in framework.cuda.items() if not drivers.obstacle(catalog, instance, cuda, mode)]
    if fitting:
        return f"versions that {instance.name} runs: {', '.join(fitting)}"
    return "use a CPU type such as ml.c7i.xlarge" + (", or mode async" if mode == "batch" else "")


def capacity(manifest: Manifest, instance: Instance, catalog: Catalog) -> list[Diagnostic]:
    """Find whether model and workers fit the memory, and the lanes the vCPUs. Without a way out where no count helps."""
    return [*_memory(manifest, instance, catalog), *_lanes(manifest, instance)]


def _memory(manifest: Manifest, instance: Instance, catalog: Catalog) -> Iterator[Diagnostic]:
    serving, model = manifest.serving, manifest.model
    needed = sizing.demand(manifest, catalog, instance)
    fit = sizing.workers_that_fit(needed, instance)
    wanted = 1 if serving.workers == "auto" else serving.workers
    if fit >= wanted:
        return
    message = sizing.shortage(needed, instance, wanted)
    if fit and serving.workers != "auto":
        yield Diagnostic("BYO308", message, ("serving", "workers"), f"write: workers: {fit}")
        return
    key = ("model", "size_gib") if model.size_gib else ("endpoint", "instance_type")
    yield Diagnostic("BYO308", message, key)


def _lanes(manifest: Manifest, instance: Instance) -> Iterator[Diagnostic]:
    serving = manifest.serving
    wanted = 1 if serving.workers == "auto" else serving.workers
    lanes = wanted * (1 if serving.threads == "auto" else serving.threads)
    if lanes > instance.vcpus:
        message = f"{lanes} predictions at one time on {counted(instance.vcpus, 'vCPU')} slow each other down"
        key = ("serving", "workers") if serving.workers != "auto" else ("serving", "threads")
        yield warning("BYO354", message, key, "let byocgen choose: write auto")
