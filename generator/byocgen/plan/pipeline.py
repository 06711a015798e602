"""Who releases the project: the pipeline, what it runs on, and for what it may take the role that deploys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.plan.decision import DEFAULT, Decision, chosen, chosen_or
from byocgen.plan.plan import PipelinePlan

if TYPE_CHECKING:
    from byocgen.catalog import Catalog, Instance
    from byocgen.manifest.model import Manifest

_RUNNERS = {
    ("github", "amd64"): "ubuntu-24.04",
    ("github", "arm64"): "ubuntu-24.04-arm",
    ("codebuild", "amd64"): "LINUX_CONTAINER",
    ("codebuild", "arm64"): "ARM_CONTAINER",
}
"""Machines of the image's own architecture build it without emulation: GitHub's labels, CodeBuild's types."""
_OIDC_DOCS = "https://docs.github.com/en/actions/reference/security/oidc"


def decide(manifest: Manifest, catalog: Catalog, instance: Instance) -> PipelinePlan:
    """Choose the pipeline. The manifest has been checked: a pipeline has a repository."""
    ci = manifest.ci
    nobody = Decision("none", "the manifest names nobody: `make release` by hand", DEFAULT)
    return PipelinePlan(
        provider=nobody if ci.provider == "none" else chosen(str(ci.provider), "ci.provider"),
        repository=chosen_or(ci.repository, "ci.repository", Decision("", "no pipeline", DEFAULT)),
        branch=Decision(ci.branch, "a push to it is a release", "manifest: ci.branch"),
        environment=chosen_or(ci.environment, "ci.environment", Decision("", "no approval by people", DEFAULT)),
        subject=_subject(manifest),
        runner=Decision(
            _RUNNERS.get((ci.provider, instance.architecture), ""),
            f"builds for {instance.architecture} without emulation" if ci.provider != "none" else "no pipeline",
            "catalogue: instances.json",
            ("pipeline.provider", "image.architecture"),
        ),
        terraform=Decision(
            catalog.pipeline_terraform, "the release that byocgen's tests ran", "catalogue: actions.json"
        ),
    )


def _subject(manifest: Manifest) -> Decision[str]:
    """What a token of GitHub says a run is for: the environment of the job, and where it has none the branch."""
    ci = manifest.ci
    if ci.environment is not None:
        return Decision(
            f"environment:{ci.environment}",
            "a job with an environment is known by it alone",
            _OIDC_DOCS,
            ("pipeline.environment",),
        )
    return Decision(
        f"ref:refs/heads/{ci.branch}",
        "no other branch, and no pull request, can deploy",
        _OIDC_DOCS,
        ("pipeline.branch",),
    )
