"""The stage: manifest, plan and catalogue to the tree of a project. Pure: same input, same bytes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from byocgen.diagnostics import Diagnostic, did_you_mean
from byocgen.render import conformance, data, scaffold, template, terraform
from byocgen.render.encode import ignored_path
from byocgen.render.payload import payload
from byocgen.render.tree import File, Ownership, Tree, text_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from byocgen.catalog import Catalog
    from byocgen.manifest.model import Manifest
    from byocgen.plan.plan import Plan

MANIFEST = "byocgen.yaml"
HOSTING = {
    "realtime": "behind a real-time SageMaker endpoint",
    "serverless": "behind a serverless SageMaker endpoint",
    "async": "behind an asynchronous SageMaker endpoint",
    "batch": "for batch transform on SageMaker",
    "multi-model": "behind a SageMaker endpoint with many models",
}


def render(text: bytes, manifest: Manifest, plan: Plan, catalog: Catalog) -> tuple[Tree, list[Diagnostic]]:
    """Make every file of the project; `text` is the manifest, kept byte for byte.

    Returns:
        The tree, and a finding for each path of `files.eject` that is no managed file.
    """
    sample = not plan.model.artifact.value
    request = payload(manifest, plan, catalog)
    made = [
        File(MANIFEST, text, Ownership.SEEDED),
        *scaffold.layers(manifest.model.framework, plan.stack.layers.value, manifest.name, sample=sample),
        *template.texts(
            context(manifest, plan, catalog, has_payload=request is not None), plan.pipeline.provider.value
        ),
        *([] if request is None else [text_file("payload.json", request, Ownership.SEEDED)]),
        *terraform.files(plan),
        *data.files(manifest, plan, catalog),
        *conformance.files(),
    ]
    tree = Tree([_with_artifact_ignored(file, plan) for file in made])
    return _eject(tree, manifest)


def context(manifest: Manifest, plan: Plan, catalog: Catalog, *, has_payload: bool) -> Mapping[str, str | int]:
    """Return what the jinja templates may print; an empty text is what is not so."""
    framework = catalog.frameworks[manifest.model.framework]
    return {
        "name": manifest.name,
        "description": manifest.description,
        "framework": manifest.model.framework,
        "title": framework.title,
        "framework_version": plan.image.framework_version.value,
        "base_image": plan.image.base_image.value,
        "base_name": plan.image.base_image.value.partition("@")[0],
        "base_digest": plan.image.base_image.value.partition("@")[2],
        "python_image": plan.image.python_image.value,
        "cuda": plan.image.cuda.value,
        "platform": plan.image.platform.value,
        "python": plan.image.python.value,
        "uv_version": plan.image.uv_version.value,
        "user": plan.image.user.value,
        "region": plan.stack.region.value,
        **_watched(manifest, plan),
        "images_from": manifest.replication.images,
        "models_from": manifest.replication.models,
        "kms": manifest.security.kms,
        "further_regions": ", ".join(list(plan.stack.regions.value)[1:]),
        "instance_type": plan.stack.instance_type.value,
        "endpoint_name": plan.names.endpoint.value,
        "repository_name": plan.names.repository.value,
        "has_train": "" if plan.model.artifact.value else "yes",
        "has_payload": "yes" if has_payload else "",
        "torch": plan.image.torch.value,
        "task": plan.model.task.value,
        "stream": "yes" if plan.serving.stream.value else "",
        "mode": plan.stack.mode.value,
        "hosting": HOSTING[plan.stack.mode.value],
        "variants": _first_variant(plan),
        "in_s3": "yes" if plan.model.artifact.value.startswith("s3://") else "",
        "artifact": plan.model.artifact.value,
        **_pipeline(plan, catalog),
        "usd_least": plan.cost.usd_per_month_least.value or "",
        "usd_most": plan.cost.usd_per_month_most.value or "",
        "quotas": "\n".join(f"- {name}" for name in plan.stack.quotas.value),
        "health_start_seconds": plan.stack.startup_health_check_timeout_seconds.value,
    }


def _pipeline(plan: Plan, catalog: Catalog) -> Mapping[str, str]:
    """Return what the texts of a pipeline print."""
    pipeline, region = plan.pipeline, plan.stack.region.value
    actions = {re.sub(r"\W", "_", name.rpartition("/")[2]): str(action) for name, action in catalog.actions.items()}
    return {
        **actions,
        "ci": pipeline.provider.value,
        "repository": pipeline.repository.value,
        "branch": pipeline.branch.value,
        "environment": pipeline.environment.value,
        "runner": pipeline.runner.value,
        "pipeline_terraform": pipeline.terraform.value,
        "region_code": plan.stack.regions.value[region],
    }


def _first_variant(plan: Plan) -> str:
    """A variant beside primary, for an example; empty where there is none."""
    if plan.shadow is not None:
        return "shadow"
    return "" if plan.variants is None else next(iter(plan.variants.further.value))


_ROLLOUTS = {
    "all-at-once": "to a second fleet at once",
    "canary": "as a canary: a share of the requests first",
    "linear": "share by share",
    "rolling": "in batches of machines",
}


def _watched(manifest: Manifest, plan: Plan) -> Mapping[str, str | int]:
    """What the README says of rollouts, and of who watches."""
    hosted = manifest.endpoint.mode not in ("serverless", "batch")
    return {
        "rollout": _ROLLOUTS[plan.rollout.strategy.value] if hosted else "",
        "rollback": "yes" if plan.rollout.rollback.value else "",
        "alarms": "yes" if manifest.observability.alarms else "",
        "alarm_email": plan.watch.alarm_email.value or "",
        "dashboard": "yes" if manifest.observability.dashboard else "",
        "budget": "yes" if plan.watch.monthly_budget_usd.value else "",
        "capture_days": plan.watch.capture_retention_days.value or "",
    }


def _with_artifact_ignored(file: File, plan: Plan) -> File:
    artifact = plan.model.artifact.value
    if file.path != ".gitignore" or not artifact or artifact.startswith("s3://"):
        return file
    return replace(
        file, content=file.content + f"\n# the model: too large for git\n{ignored_path(artifact)}\n".encode()
    )


def _eject(tree: Tree, manifest: Manifest) -> tuple[Tree, list[Diagnostic]]:
    managed = [path for path, file in tree.items() if file.ownership is Ownership.MANAGED]
    found = [
        Diagnostic(
            "BYO309",
            f'"{path}" is no file that byocgen manages',
            ("files", "eject", index),
            did_you_mean(path, managed) or "`byocgen new --dry-run` lists them",
        )
        for index, path in enumerate(manifest.files.eject)
        if path not in managed
    ]
    ejected = set(manifest.files.eject)
    files = [replace(file, ownership=Ownership.SEEDED) if path in ejected else file for path, file in tree.items()]
    return Tree(files), found
