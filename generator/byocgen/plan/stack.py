"""What Terraform makes: names, region, instance, timeouts, keys, and the provider that can do it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from byocgen import names
from byocgen.manifest.contradictions import SAMPLE_TASK
from byocgen.manifest.model import Generation
from byocgen.plan import drivers, layers, machines, quotas
from byocgen.plan.decision import CONTAINER_DOCS, DEFAULT, VARIANT_DOCS, Decision, Fact, chosen, chosen_or, told
from byocgen.plan.plan import ModelPlan, NamesPlan, StackPlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from byocgen.catalog import Catalog, Instance
    from byocgen.manifest.model import Manifest
    from byocgen.plan.placement import Placement

TERRAFORM_FLOOR = ">= 1.9"
"""1.9 lets a variable's validation speak about other variables; mock providers in tests need 1.7."""
TIMEOUT_MAX = 3600
HEALTH_CHECK_SECONDS = 300
DOWNLOAD_SECONDS = 600


def decide_names(manifest: Manifest) -> NamesPlan:
    """Derive every AWS name from the project's."""
    name = manifest.name
    return NamesPlan(
        endpoint=Decision(name, "name of the project, its endpoint and what belongs to it", "manifest: name"),
        repository=Decision(names.repository_name(name), "ECR takes lower case and single hyphens", "manifest: name"),
        bucket_prefix=Decision(
            names.bucket_prefix(name), "bucket names are global: region and account are appended", "manifest: name"
        ),
        role_prefix=Decision(
            names.role_prefix(name), "role names are global to an account: the region is appended", "manifest: name"
        ),
    )


def decide_model(manifest: Manifest) -> ModelPlan:
    """Say where the model comes from."""
    given = manifest.model.artifact
    sample = Decision("", "no artifact in the manifest: train.py makes a sample model", DEFAULT)
    nothing: Decision[tuple[str, ...]] = Decision((), "the framework's own packages", DEFAULT)
    return ModelPlan(
        artifact=sample if given is None else chosen(_clean(given), "model.artifact"),
        task=_task(manifest),
        context_tokens=_context(manifest),
        sequences=_sequences(manifest),
        requirements=chosen(manifest.model.requirements, "model.requirements")
        if manifest.model.requirements
        else nothing,
    )


def _task(manifest: Manifest) -> Decision[str]:
    model = manifest.model
    if model.framework != "transformers":
        return Decision("", f"a model of {model.framework} has no task", DEFAULT, ("image.framework",))
    if model.task is None and model.artifact is None:
        return Decision(SAMPLE_TASK, "the task of the sample model", DEFAULT, ("image.framework", "model.artifact"))
    own = Decision("", "the task that the model's config.json tells", DEFAULT, ("model.artifact",))
    return chosen_or(model.task, "model.task", own)


def _context(manifest: Manifest) -> Decision[int | None]:
    block = manifest.model.generation
    if block is None:
        return Decision(None, "as many tokens as the model can", DEFAULT)
    return Decision(block.context_tokens, "memory is planned for so many", "manifest: model.generation.context_tokens")


def _sequences(manifest: Manifest) -> Decision[int]:
    block = manifest.model.generation
    if block is None:
        return Decision(Generation.sequences, "texts of one request that are written at one time", DEFAULT)
    return Decision(
        block.sequences, "memory is planned for so many at one time", "manifest: model.generation.sequences"
    )


def _clean(artifact: str) -> str:
    """A path that git, make and the copy of the model spell the same: no `./`, no `a/../b`, no slash at the end."""
    return artifact if artifact.startswith("s3://") else posixpath.normpath(artifact)


def decide(manifest: Manifest, catalog: Catalog, serves: Placement, cuda: str) -> StackPlan:
    """Choose what Terraform makes, for an image with a build for `cuda` (empty: for CPUs).

    The manifest has been checked against the catalogue.
    """
    endpoint, instance = manifest.endpoint, serves.instance
    size = manifest.model.size_gib
    ami, ami_floor = drivers.decide(catalog, machines.every(manifest, catalog, instance), cuda, endpoint.mode)
    return StackPlan(
        region=_region(manifest),
        regions=_regions(manifest, catalog),
        layers=layers.decide(manifest),
        mode=chosen(endpoint.mode, "endpoint.mode")
        if endpoint.mode != "realtime"
        else Decision("realtime", "answers while the caller waits", DEFAULT),
        instance_type=serves.instance_type,
        instance_count=Decision(
            endpoint.instance_count, "instances of the first deployment", "manifest: endpoint.instance_count"
        ),
        volume_size_gib=_volume(manifest, instance),
        ami_version=ami,
        startup_health_check_timeout_seconds=_grown(
            HEALTH_CHECK_SECONDS, size, "start of the container to its first healthy ping"
        ),
        model_download_timeout_seconds=_grown(DOWNLOAD_SECONDS, size, "download and unpacking of the model"),
        kms=Decision(
            manifest.security.kms, _KMS.get(manifest.security.kms, "an existing key"), "manifest: security.kms"
        ),
        permissions_boundary=_boundary(manifest),
        **_network(manifest),
        log_retention_days=Decision(
            manifest.observability.log_retention_days,
            "logs cost money for as long as they are kept",
            "manifest: observability.log_retention_days",
        ),
        tags=_tags(manifest),
        provider=_provider(manifest, catalog, instance, ami_floor),
        terraform=Decision(
            TERRAFORM_FLOOR, "validation of a variable may look at another one", "Terraform 1.9 release notes"
        ),
        quotas=quotas.decide(manifest, instance.name),
    )


_KMS = {
    "managed": "a key of this stack, rotated every year, usable by nobody else",
    "aws": "keys that AWS owns: encryption at rest without a key to pay for",
}


def _network(manifest: Manifest) -> dict[str, Decision[Any]]:
    network = manifest.network
    outside = Decision(None, "SageMaker's own network: the manifest names no VPC", DEFAULT)
    alone = Decision(False, "the containers may call out; SageMaker does not need it", DEFAULT)
    if network is None:
        return {"vpc_id": outside, "subnet_ids": Decision((), "no VPC", DEFAULT), "isolation": alone}
    subnets = network.subnet_ids or ()
    return {
        "vpc_id": chosen_or(network.vpc_id, "network.vpc_id", outside),
        "subnet_ids": chosen(subnets, "network.subnet_ids") if subnets else Decision((), "no VPC", DEFAULT),
        "isolation": chosen(network.isolation, "network.isolation") if network.isolation else alone,
    }


def _boundary(manifest: Manifest) -> Decision[str | None]:
    none: Decision[str | None] = Decision(None, "the account asks for none, as far as the manifest says", DEFAULT)
    given: str | None = manifest.security.permissions_boundary
    return none if given is None else chosen(given, "security.permissions_boundary")


def _tags(manifest: Manifest) -> Decision[Mapping[str, str]]:
    if not manifest.tags:
        return Decision({}, "the manifest names none", DEFAULT)
    return Decision(dict(manifest.tags), "on every resource", "manifest: tags")


def _region(manifest: Manifest) -> Decision[str]:
    reason = "the first region; bucket, registry and endpoint lie in the same one"
    return Decision(manifest.regions[0], reason, "manifest: regions")


def _regions(manifest: Manifest, catalog: Catalog) -> Decision[Mapping[str, str]]:
    codes = {region: catalog.regions[region].code for region in manifest.regions}
    reason = "each with the short form that names of its resources carry"
    known = Fact(f"short forms: {', '.join(codes.values())}", "catalogue: regions.json")
    return Decision(codes, reason, "manifest: regions", ("stack.region", known))


def _volume(manifest: Manifest, instance: Instance) -> Decision[int | None]:
    if instance.nvme_gb is not None:
        return Decision(
            None, f"{instance.name} has local NVMe storage and takes no volume", VARIANT_DOCS, ("stack.instance_type",)
        )
    otherwise: Decision[int | None] = Decision(None, "SageMaker's own default", VARIANT_DOCS)
    given: int | None = manifest.endpoint.volume_size_gib
    return otherwise if given is None else chosen(given, "endpoint.volume_size_gib")


def _grown(base: int, size_gib: float | None, what: str) -> Decision[int]:
    """A timeout that grows by a minute for each GiB of the model, inside what SageMaker takes (60 to 3600 s)."""
    seconds = min(TIMEOUT_MAX, base + round((size_gib or 0) * 60))
    grown = f", {size_gib:g} GiB at a minute each on top" if size_gib else ""
    because = (told("model.size_gib", f"{size_gib:g}"),) if size_gib else ()
    return Decision(seconds, f"{what}: {base} s{grown}", CONTAINER_DOCS, because)


def _provider(manifest: Manifest, catalog: Catalog, instance: Instance, ami_floor: str) -> Decision[str]:
    provider = catalog.provider
    newest = max(machines.every(manifest, catalog, instance), key=lambda one: _numbers(one.provider_floor))
    floor = max(provider.common_floor, newest.provider_floor, ami_floor or provider.common_floor, key=_numbers)
    reason = "arguments that the stack uses exist from here"
    if floor == ami_floor:
        reason = f"the hosts' machine image is accepted from here; the rest would do with {provider.common_floor}"
    elif floor != provider.common_floor:
        reason = f"{newest.name} is accepted from here; the rest would do with {provider.common_floor}"
    value = f">= {floor}, < {provider.below}"
    return Decision(value, reason, "catalogue: provider.json", ("stack.instance_type", "stack.ami_version"))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
