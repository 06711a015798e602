"""Rules about what surrounds an endpoint: its network and its pipeline. They need no catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.diagnostics import Diagnostic, Key
from byocgen.manifest.account import Ci

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.manifest.account import Network
    from byocgen.manifest.model import Manifest


def check(manifest: Manifest) -> list[Diagnostic]:
    """Find what cannot be in the same manifest."""
    return [*_network(manifest), *_pipeline(manifest)]


def _excludes(key: Key, message: str, hint: str) -> Diagnostic:
    return Diagnostic("BYO303", message, key, hint)


def _network(manifest: Manifest) -> Iterator[Diagnostic]:
    network = manifest.network
    if network is not None:
        yield from _vpc(network, len(manifest.regions))
    fetched = "HF_MODEL_ID" in manifest.serving.environment and manifest.model.artifact is None
    if network is not None and network.isolation and fetched:
        key = ("serving", "environment", "HF_MODEL_ID")
        yield _excludes(key, "an isolated container cannot fetch a model at start", "name it as model.artifact instead")


def _vpc(network: Network, regions: int) -> Iterator[Diagnostic]:
    if network.vpc_id is None:
        if network.subnet_ids is not None:
            yield _excludes(("network", "subnet_ids"), "subnets of which VPC?", "add: vpc_id: vpc-...")
        for name in ("interface_endpoints", "s3_gateway"):
            if not getattr(network, name):
                yield _excludes(("network", name), "outside of a VPC there are no endpoints", "delete the line")
        return
    if network.subnet_ids is None:
        yield _excludes(
            ("network", "vpc_id"), "a VPC needs two of its subnets", "add: subnet_ids: [subnet-..., subnet-...]"
        )
    elif len(set(network.subnet_ids)) < len(network.subnet_ids):
        yield _excludes(("network", "subnet_ids"), "a subnet is named twice", "name each once, two or more in all")
    if regions > 1:
        yield _excludes(("network", "vpc_id"), "a VPC lies in one region, and there are several", "name one region")


def _pipeline(manifest: Manifest) -> Iterator[Diagnostic]:
    ci = manifest.ci
    if ci.provider == "none":
        for name in ("repository", "branch", "environment"):
            if getattr(ci, name) != getattr(Ci, name):
                yield _excludes(("ci", name), f"there is no pipeline, so it has no {name}", "write: provider: github")
        return
    if ci.repository is None:
        message = f"a pipeline on {ci.provider} needs the repository: its role trusts no other"
        yield _excludes(("ci", "provider"), message, "add: repository: owner/name")
    if ci.provider == "codebuild" and ci.environment is not None:
        yield _excludes(
            ("ci", "environment"), "environments are GitHub's", "delete the line, or write: provider: github"
        )
