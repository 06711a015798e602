"""Which layers of Terraform templates a stack has: the base, its mode, and one for each feature that the manifest asks for.

Rules: a layer is a folder of `templates/terraform/`; here is decided that it applies, `render.terraform` reads its files.
Order counts: a later layer may take the place of an earlier one's file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.plan.decision import Decision

if TYPE_CHECKING:
    from byocgen.manifest.model import Manifest

BASE = "base"


MODES: dict[str, tuple[str, ...]] = {
    "realtime": ("realtime",),
    "serverless": ("serverless",),
    "async": ("realtime", "async"),
    "batch": ("batch",),
    "multi-model": ("realtime", "multi-model"),
}
"""What each mode is made of: an asynchronous or a multi-model endpoint is a real-time one with other files on top."""


def decide(manifest: Manifest) -> Decision[tuple[str, ...]]:
    """Name the layers, the ones that build on others last."""
    endpoint, artifact = manifest.endpoint, manifest.model.artifact or ""
    asked: dict[str, bool] = {
        # feature: whether the manifest asks for it
        "key": manifest.security.kms == "managed",
        "given-key": manifest.security.kms.startswith("arn:"),
        **_network(manifest),
        "log-bucket": manifest.security.access_logs or manifest.security.data_events,
        "access-logs": manifest.security.access_logs,
        "data-events": manifest.security.data_events,
        "boundary": manifest.security.permissions_boundary is not None,
        "pipeline": manifest.ci.provider != "none",
        f"pipeline-{manifest.ci.provider}": manifest.ci.provider != "none",
        "capture": manifest.endpoint.data_capture is not None,
        **_watching(manifest),
        "regions": len(manifest.regions) > 1,
        "replicated-images": manifest.replication.images == "ecr",
        "replicated-models": manifest.replication.models == "s3",
        **scaling(manifest),
        "candidates": bool(endpoint.variants) or endpoint.shadow is not None,
        "variants": bool(endpoint.variants),
        "shadow": endpoint.shadow is not None,
        "containers": endpoint.pipeline is not None,
        "artifact": artifact.startswith("s3://"),
    }
    features = (name for name, wanted in asked.items() if wanted)
    layers = (BASE, *MODES[endpoint.mode], *features)
    reason = "what every stack has, its mode, and what the manifest asks for beside"
    return Decision(layers, reason, "manifest", ("stack.mode", "stack.kms", "stack.regions", "pipeline.provider"))


def _network(manifest: Manifest) -> dict[str, bool]:
    network = manifest.network
    if network is None:
        return {}
    vpc = network.vpc_id is not None
    return {
        "vpc": vpc,
        "vpc-any-endpoint": vpc and (network.interface_endpoints or network.s3_gateway),
        "vpc-endpoints": vpc and network.interface_endpoints,
        "vpc-foreign-endpoints": vpc and not network.interface_endpoints,
        "vpc-gateway": vpc and network.s3_gateway,
        "isolation": network.isolation,
        "isolation-alone": network.isolation and not vpc,
    }


def scaling(manifest: Manifest) -> dict[str, bool]:
    """Say which layers follow what is asked of the endpoint: machines, or what is kept warm."""
    endpoint, block = manifest.endpoint, manifest.endpoint.autoscaling
    warm = endpoint.serverless
    provisioned = warm is not None and (warm.provisioned_concurrency_max is not None or bool(warm.schedule))
    lowest = [] if block is None else [block.min, *(one.min for one in block.schedule if one.min is not None)]
    return {
        "scaling": provisioned or block is not None,
        "provisioned": provisioned,
        "autoscaling": block is not None and endpoint.mode != "async",
        "backlog": block is not None and endpoint.mode == "async",
        "wake": 0 in lowest,
    }


def _watching(manifest: Manifest) -> dict[str, bool]:
    """Say which layers watch the endpoint, by what its mode tells of itself."""
    mode, asked = manifest.endpoint.mode, manifest.observability
    return {
        "notify": asked.alarms,
        "health": asked.alarms and mode != "serverless",
        "health-serverless": asked.alarms and mode == "serverless",
        "dashboard": asked.dashboard,
        f"dashboard-{mode}": asked.dashboard and mode in ("async", "serverless"),
        "budget": manifest.cost.monthly_budget_usd is not None,
    }
