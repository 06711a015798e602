"""What the container is built from: the instance's architecture and GPU lead to platform, base image and wheels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from byocgen.catalog import Build
from byocgen.plan import drivers
from byocgen.plan.decision import CONTAINER_DOCS, Decision, chosen, chosen_or
from byocgen.plan.plan import ImagePlan

if TYPE_CHECKING:
    from byocgen.catalog import Catalog, Framework, Instance
    from byocgen.manifest.model import Manifest

Pins = Mapping[tuple[str, str], str]
"""Digests that a registry was seen to have, by the image's reference and platform: what `byocgen pin` records."""
NO_PINS: Pins = MappingProxyType({})
UNPRIVILEGED = "10001:10001"
"""A uid that no base image gives to anyone."""


def decide(manifest: Manifest, catalog: Catalog, instance: Instance, pins: Pins) -> ImagePlan:
    """Choose the image. The manifest has been checked against the catalogue."""
    framework = catalog.frameworks[manifest.model.framework]
    version = _version(manifest, catalog, instance)
    python = _python(manifest, framework, version.value)
    cuda = _cuda(framework, version.value, instance)
    platform = f"linux/{instance.architecture}"
    return ImagePlan(
        architecture=Decision(
            instance.architecture,
            f"{instance.name} has {instance.architecture} CPUs",
            "catalogue: instances.json",
            ("stack.instance_type",),
        ),
        platform=Decision(
            platform,
            "an image of one platform: SageMaker refuses an index of several",
            "catalogue: instances.json",
            ("image.architecture",),
        ),
        base_image=_pinned(_base(catalog, framework, python.value, cuda.value), platform, pins),
        python_image=_pinned(_python_image(catalog, python.value, cuda.value), platform, pins),
        python=python,
        framework=chosen(_distribution(framework, cuda.value), "model.framework"),
        framework_version=version,
        cuda=cuda,
        torch=_torch(framework, version.value, cuda.value),
        user=_user(manifest),
        uv_version=Decision(
            catalog.uv_version, "the version that made the locks installs them", "catalogue: locking.json"
        ),
    )


def _distribution(framework: Framework, cuda: str) -> str:
    return (framework.gpu_distribution if cuda else framework.distribution) or framework.name


def version_for(manifest: Manifest, catalog: Catalog, instance: Instance | None) -> str:
    """Return the manifest's version, or the catalogue's first for the manifest's Python and the instance's GPU.

    Where none is, the one that lacks least: `fits` says what.
    """
    model = manifest.model
    framework = catalog.frameworks[model.framework]
    if model.framework_version is not None and framework.distribution:
        return model.framework_version
    offered = [version for version, pythons in framework.versions.items() if model.python in (None, *pythons)]
    runnable = (version for version in offered if instance is None or _runs(manifest, catalog, instance, version))
    return next(runnable, next(iter(offered), framework.default_version))


def _runs(manifest: Manifest, catalog: Catalog, instance: Instance, version: str) -> bool:
    framework = catalog.frameworks[manifest.model.framework]
    if drivers.build(framework, instance) is Build.CPU:
        return True
    cuda = framework.cuda.get(version, "")
    return bool(cuda) and not drivers.obstacle(catalog, instance, cuda, manifest.endpoint.mode)


def _version(manifest: Manifest, catalog: Catalog, instance: Instance) -> Decision[str]:
    framework = catalog.frameworks[manifest.model.framework]
    value = version_for(manifest, catalog, instance)
    reason = f"the catalogue's {framework.title}; a pickle must be served by the version that wrote it"
    if value != framework.default_version and drivers.build(framework, instance) is Build.CUDA:
        reason = f"the first {framework.title} in the catalogue with a build for the GPU of {instance.name}"
    elif value != framework.default_version:
        reason = f"the newest {framework.title} in the catalogue with wheels for Python {manifest.model.python}"
    elif not framework.distribution:
        reason = "no library: inference.py is all there is, and model.requirements what it needs"
    otherwise = Decision(value, reason, "catalogue: frameworks.json", ("image.framework", "stack.instance_type"))
    given = manifest.model.framework_version if framework.distribution else None
    return chosen_or(given, "model.framework_version", otherwise)


def _cuda(framework: Framework, version: str, instance: Instance) -> Decision[str]:
    cuda = drivers.cuda(framework, version, instance)
    if not cuda:
        because = ("image.framework", "stack.instance_type")
        return Decision("", "nothing in the image uses a GPU", "catalogue: frameworks.json", because)
    reason = f"what the package index's build of {framework.title} {version} for GPUs is made with"
    return Decision(cuda, reason, "catalogue: frameworks.json", ("image.framework_version", "stack.instance_type"))


def _base(catalog: Catalog, framework: Framework, python: str, cuda: str) -> Decision[str]:
    if not cuda:
        base = catalog.base_image(python)
        reason = f"{framework.title} on CPUs; {base.os} without a compiler"
    else:
        base = drivers.base_image(catalog, cuda)
        reason = f"CUDA {base.cuda} under a build for CUDA {cuda}, which brings its libraries itself; {base.os}"
    return Decision(base.reference, reason, "catalogue: bases.json", ("image.cuda",) if cuda else ("image.python",))


def _python_image(catalog: Catalog, python: str, cuda: str) -> Decision[str]:
    reason = "the environment is made on it" + (", and its Python is that of the image" if cuda else "")
    return Decision(catalog.base_image(python).reference, reason, "catalogue: bases.json", ("image.python",))


def _pinned(image: Decision[str], platform: str, pins: Pins) -> Decision[str]:
    digest = pins.get((image.value, platform))
    if digest is None:
        return replace(image, reason=f"{image.reason}; by its tag: `byocgen pin` records the digest")
    return replace(image, value=f"{image.value}@{digest}", reason=f"{image.reason}; as `byocgen pin` found it")


def _torch(framework: Framework, version: str, cuda: str) -> Decision[str]:
    torch, because = framework.torch.get(version, ""), ("image.framework_version", "image.cuda")
    if not torch:
        return Decision("", f"{framework.title} runs without PyTorch", "catalogue: frameworks.json", because)
    if cuda:
        reason = "PyTorch for GPUs is in the lock: the package index has it"
        return Decision("", reason, "catalogue: frameworks.json", because)
    reason = "the build for CPUs, of PyTorch's own index: the other has gigabytes of CUDA that nothing here would use"
    return Decision(f"{torch}+cpu", reason, "https://pytorch.org/get-started/locally/", because)


def _python(manifest: Manifest, framework: Framework, version: str) -> Decision[str]:
    offered = framework.versions[version]
    value = framework.default_python if framework.default_python in offered else offered[0]
    reason = f"{framework.title} {version} has wheels of it for amd64 and arm64"
    if not framework.distribution:
        reason = "the server's packages have wheels of it for amd64 and arm64"
    otherwise = Decision(value, reason, "catalogue: frameworks.json", ("image.framework_version",))
    return chosen_or(manifest.model.python, "model.python", otherwise)


def _user(manifest: Manifest) -> Decision[str]:
    if manifest.security.run_as_root:
        return chosen("0:0", "security.run_as_root")
    return Decision(UNPRIVILEGED, "unprivileged: nothing is written outside /tmp", CONTAINER_DOCS)
