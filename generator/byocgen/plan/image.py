"""What the container is built from: the instance's architecture leads to platform, base image and wheels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.plan.decision import CONTAINER_DOCS, Decision, chosen, chosen_or
from byocgen.plan.plan import ImagePlan

if TYPE_CHECKING:
    from byocgen.catalog import Catalog, Framework, Instance
    from byocgen.manifest.model import Manifest

UNPRIVILEGED = "10001:10001"
"""A uid that no base image gives to anyone."""


def decide(manifest: Manifest, catalog: Catalog, instance: Instance) -> ImagePlan:
    """Choose the image. The manifest has been checked against the catalogue."""
    framework = catalog.frameworks[manifest.model.framework]
    version = _version(manifest, framework)
    python = _python(manifest, framework, version.value)
    base = catalog.base_image(python.value, "cpu")
    return ImagePlan(
        architecture=Decision(
            instance.architecture,
            f"{instance.name} has {instance.architecture} CPUs",
            "catalogue: instances.json",
            ("stack.instance_type",),
        ),
        platform=Decision(
            f"linux/{instance.architecture}",
            "an image of one platform: SageMaker refuses an index of several",
            "catalogue: instances.json",
            ("image.architecture",),
        ),
        base_image=Decision(
            base.reference,
            f"{framework.title} on CPUs; {base.os} without a compiler",
            "catalogue: bases.json",
        ),
        python=python,
        framework=chosen(framework.distribution or framework.name, "model.framework"),
        framework_version=version,
        torch=_torch(framework, version.value),
        user=_user(manifest),
        uv_version=Decision(
            catalog.uv_version, "the version that made the locks installs them", "catalogue: locking.json"
        ),
    )


def version_for(manifest: Manifest, framework: Framework) -> str:
    """Return the manifest's version, or the catalogue's first that has wheels for the manifest's Python."""
    model = manifest.model
    if model.framework_version is not None and framework.distribution:
        return model.framework_version
    offered = (version for version, pythons in framework.versions.items() if model.python in (None, *pythons))
    return next(offered, framework.default_version)


def _version(manifest: Manifest, framework: Framework) -> Decision[str]:
    value = version_for(manifest, framework)
    reason = f"the catalogue's {framework.title}; a pickle must be served by the version that wrote it"
    if value != framework.default_version:
        reason = f"the newest {framework.title} in the catalogue with wheels for Python {manifest.model.python}"
    elif not framework.distribution:
        reason = "no library: inference.py is all there is, and model.requirements what it needs"
    otherwise = Decision(value, reason, "catalogue: frameworks.json")
    given = manifest.model.framework_version if framework.distribution else None
    return chosen_or(given, "model.framework_version", otherwise)


def _torch(framework: Framework, version: str) -> Decision[str]:
    torch = framework.torch.get(version, "")
    if not torch:
        return Decision("", f"{framework.title} runs without PyTorch", "catalogue: frameworks.json")
    reason = "the build for CPUs, of PyTorch's own index: the other has gigabytes of CUDA that nothing here would use"
    return Decision(f"{torch}+cpu", reason, "https://pytorch.org/get-started/locally/")


def _python(manifest: Manifest, framework: Framework, version: str) -> Decision[str]:
    offered = framework.versions[version]
    value = framework.default_python if framework.default_python in offered else offered[0]
    reason = f"{framework.title} {version} has wheels of it for both architectures"
    if not framework.distribution:
        reason = "the server's packages have wheels of it for both architectures"
    return chosen_or(manifest.model.python, "model.python", Decision(value, reason, "catalogue: frameworks.json"))


def _user(manifest: Manifest) -> Decision[str]:
    if manifest.security.run_as_root:
        return chosen("0:0", "security.run_as_root")
    return Decision(UNPRIVILEGED, "unprivileged: nothing is written outside /tmp", CONTAINER_DOCS)
