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
            instance.architecture, f"{instance.name} has {instance.architecture} CPUs", "catalogue: instances.json"
        ),
        platform=Decision(
            f"linux/{instance.architecture}",
            "an image of one platform: SageMaker refuses an index of several",
            "catalogue: instances.json",
        ),
        base_image=Decision(
            base.reference,
            f"{framework.distribution} needs no GPU; {base.os} without a compiler",
            "catalogue: bases.json",
        ),
        python=python,
        framework=chosen(framework.distribution, "model.framework"),
        framework_version=version,
        user=_user(manifest),
        uv_version=Decision(
            catalog.uv_version, "the version that made the locks installs them", "catalogue: locking.json"
        ),
    )


def _version(manifest: Manifest, framework: Framework) -> Decision[str]:
    newest = Decision(
        framework.default_version,
        f"newest {framework.distribution} in the catalogue; a pickle must be served by the version that wrote it",
        "catalogue: frameworks.json",
    )
    return chosen_or(manifest.model.framework_version, "model.framework_version", newest)


def _python(manifest: Manifest, framework: Framework, version: str) -> Decision[str]:
    offered = framework.versions[version]
    value = framework.default_python if framework.default_python in offered else offered[0]
    reason = f"{framework.distribution} {version} has wheels of it for both architectures"
    return chosen_or(manifest.model.python, "model.python", Decision(value, reason, "catalogue: frameworks.json"))


def _user(manifest: Manifest) -> Decision[str]:
    if manifest.security.run_as_root:
        return chosen("0:0", "security.run_as_root")
    return Decision(UNPRIVILEGED, "unprivileged: nothing is written outside /tmp", CONTAINER_DOCS)
