"""Rules between a mode of hosting and the rest of the manifest, and those of the blocks that only some modes have.

Limits: docs of SageMaker (serverless endpoints, shadow tests and deployment guardrails with their exclusions, batch
transform, CreateModel, CreateEndpointConfig) and of Application Auto Scaling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.diagnostics import Diagnostic, Key
from byocgen.manifest.endpoint import Autoscaling, Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from byocgen.manifest.endpoint import Container, Scheduled
    from byocgen.manifest.model import Manifest

BATCH_VARIABLES = 16
"""Environment variables of a transform job, which has fewer than an endpoint (CreateTransformJob)."""
BATCH_TOGETHER_MIB = 100
"""MaxConcurrentTransforms times MaxPayloadInMB (CreateTransformJob)."""
PIPELINE_CONTAINERS = 15
INSTANCES = ("realtime", "async", "multi-model")
"""Modes whose machines answer for as long as they exist."""
_BLOCKS: dict[str, tuple[str, ...]] = {
    "serverless": ("serverless",),
    "async": ("async",),
    "batch": ("batch",),
    "autoscaling": INSTANCES,
    "deployment": INSTANCES,
    "data_capture": INSTANCES,
    "shadow": ("realtime",),
    "variants": ("realtime",),
    "pipeline": ("realtime", "batch"),
}
"""Blocks of `endpoint`, and the modes that have them."""
_TAKEN_NAMES = ("primary", "shadow")
_WHOLE_ANSWERS = ("async", "batch")


def check(manifest: Manifest) -> list[Diagnostic]:
    """Find what the mode does not have, and what its blocks contradict."""
    return [
        *_blocks(manifest.endpoint),
        *_serverless(manifest),
        *_batch(manifest),
        *_stream(manifest),
        *_scaling(manifest.endpoint),
        *_schedules(manifest.endpoint),
        *_variants(manifest.endpoint),
        *_shadow(manifest.endpoint),
        *_pipeline(manifest),
        *_artifact_in_s3(manifest),
    ]


def _excludes(key: Key, message: str, hint: str) -> Diagnostic:
    return Diagnostic("BYO303", message, key, hint)


def _blocks(endpoint: Endpoint) -> Iterator[Diagnostic]:
    for name, modes in _BLOCKS.items():
        if getattr(endpoint, "async_" if name == "async" else name) and endpoint.mode not in modes:
            hint = f"delete the block, or set endpoint.mode: {modes[0]}"
            yield Diagnostic("BYO301", f"`{name}` does not exist in mode {endpoint.mode}", ("endpoint", name), hint)


def _serverless(manifest: Manifest) -> Iterator[Diagnostic]:
    endpoint = manifest.endpoint
    if endpoint.mode != "serverless":
        return
    if manifest.network is not None:
        what = "runs in no VPC" if manifest.network.vpc_id is not None else "has a network that is not isolated"
        yield _excludes(("network",), f"a serverless endpoint {what}", "delete the block, or use mode realtime")
    workers = manifest.serving.workers
    if isinstance(workers, int) and workers > 1:
        yield _excludes(("serving", "workers"), "a serverless container runs one worker", "write: workers: auto")
    for name, what in (("instance_type", "type"), ("instance_count", "number"), ("volume_size_gib", "volume")):
        if getattr(endpoint, name) != getattr(Endpoint, name):
            message = f"a serverless endpoint has no machines, so no {what} of them"
            hint = "delete the line; endpoint.serverless.memory_mib chooses its size"
            yield _excludes(("endpoint", name), message, hint)
    block = endpoint.serverless
    if block is None:
        return
    key: Key = ("endpoint", "serverless", "provisioned_concurrency")
    if block.provisioned_concurrency > block.max_concurrency:
        yield _excludes(key, "more invocations kept warm than may run at one time", "raise max_concurrency")
    most = block.provisioned_concurrency_max
    if most is not None and not 1 <= block.provisioned_concurrency <= most <= block.max_concurrency:
        message = (
            f"what is kept warm cannot grow from {block.provisioned_concurrency} to {most} "
            f"with max_concurrency {block.max_concurrency}"
        )
        hint = "write: 1 <= provisioned_concurrency <= provisioned_concurrency_max <= max_concurrency"
        yield _excludes(("endpoint", "serverless", "provisioned_concurrency_max"), message, hint)
    if block.schedule and block.provisioned_concurrency == 0:
        message = "a schedule changes what is kept warm, and nothing is"
        yield _excludes(("endpoint", "serverless", "schedule"), message, "write: provisioned_concurrency: 1, or more")


def _batch(manifest: Manifest) -> Iterator[Diagnostic]:
    endpoint, serving = manifest.endpoint, manifest.serving
    if endpoint.mode != "batch":
        return
    if len(serving.environment) > BATCH_VARIABLES:
        message = f"{len(serving.environment)} variables; a transform job takes {BATCH_VARIABLES}"
        hint = "put values that belong together into one, or into the model"
        yield Diagnostic("BYO304", message, ("serving", "environment"), hint)
    if endpoint.volume_size_gib is not None:
        message = "the volume of a transform job's machines has no size to choose"
        yield _excludes(("endpoint", "volume_size_gib"), message, "delete the line")
    block = endpoint.batch
    if block is None:
        return
    payload = serving.max_payload_mib or 6
    if block.max_concurrent is not None and block.max_concurrent * payload > BATCH_TOGETHER_MIB:
        message = f"{block.max_concurrent} requests of {payload} MiB at one time; together they may have 100 MiB"
        hint = f"write: max_concurrent: {max(1, BATCH_TOGETHER_MIB // payload)}"
        yield Diagnostic("BYO304", message, ("endpoint", "batch", "max_concurrent"), hint)
    if block.split == "none" and (block.join_input or block.strategy != type(block).strategy):
        name = "join_input" if block.join_input else "strategy"
        message = "an object that is one request has no records"
        yield _excludes(("endpoint", "batch", name), message, "delete the line, or write: split: line")
    for name in ("input_folder", "output_folder"):
        if getattr(block, name) is not None and len(manifest.regions) > 1:
            message = "a folder in S3 lies in one region, and the stack has several"
            yield _excludes(("endpoint", "batch", name), message, "delete the line: each region has a bucket")


def _stream(manifest: Manifest) -> Iterator[Diagnostic]:
    mode = manifest.endpoint.mode
    if manifest.serving.stream and mode in _WHOLE_ANSWERS:
        message = f"an answer of mode {mode} is stored whole, so nobody reads its pieces"
        yield _excludes(("serving", "stream"), message, "write: stream: false, or use mode realtime")


def _scaling(endpoint: Endpoint) -> Iterator[Diagnostic]:
    scaling, asynchronous = endpoint.autoscaling, endpoint.mode == "async"
    if scaling is None:
        return
    if asynchronous and scaling.invocations_per_instance != Autoscaling.invocations_per_instance:
        key: Key = ("endpoint", "autoscaling", "invocations_per_instance")
        yield _excludes(key, "an asynchronous endpoint scales by what waits", "write: backlog_per_instance")
    if not asynchronous and scaling.backlog_per_instance is not None:
        key = ("endpoint", "autoscaling", "backlog_per_instance")
        yield _excludes(key, "only the requests of an asynchronous endpoint wait", "write: invocations_per_instance")
    if scaling.min == scaling.max and not scaling.schedule:
        message = f"between {scaling.min} and {scaling.max} there is nothing to scale"
        hint = f"raise max, or delete the block and write: instance_count: {max(1, scaling.min)}"
        yield _excludes(("endpoint", "autoscaling", "max"), message, hint)


def _schedules(endpoint: Endpoint) -> Iterator[Diagnostic]:
    scaling, serverless = endpoint.autoscaling, endpoint.serverless
    if scaling is not None:
        lowest = 0 if endpoint.mode == "async" else 1
        yield from _schedule(("endpoint", "autoscaling", "schedule"), scaling.schedule, lowest)
    if serverless is not None:
        yield from _schedule(("endpoint", "serverless", "schedule"), serverless.schedule, 1)


def _schedule(key: Key, actions: Sequence[Scheduled], lowest: int) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for index, action in enumerate(actions):
        if action.name in seen:
            yield _excludes((*key, index, "name"), f'two times are called "{action.name}"', "rename one of them")
        seen.add(action.name)
        if action.min is None and action.max is None:
            yield _excludes((*key, index, "schedule"), "nothing changes at this time", "write min, max or both")
        if action.min is not None and action.max is not None and action.min > action.max:
            yield _excludes((*key, index, "min"), f"min {action.min} is above max {action.max}", "lower min")
        for name in ("min", "max"):
            value = getattr(action, name)
            if value is not None and value < lowest:
                yield _excludes((*key, index, name), f"{value} is fewer than {lowest}", f"write: {name}: {lowest}")


def _variants(endpoint: Endpoint) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for index, variant in enumerate(endpoint.variants):
        key: Key = ("endpoint", "variants", index, "name")
        if variant.name in _TAKEN_NAMES:
            yield _excludes(key, f"{variant.name} is a name of byocgen's own", "choose another, such as challenger")
        elif variant.name in seen:
            yield _excludes(key, f'two variants are called "{variant.name}"', "rename one of them")
        seen.add(variant.name)
    together = sum(variant.percent for variant in endpoint.variants)
    if together > 99:
        key = ("endpoint", "variants", len(endpoint.variants) - 1, "percent")
        yield _excludes(key, f"the variants take {together} percent; primary needs 1 or more", "lower it")
    rollout = endpoint.deployment
    if endpoint.variants and rollout is not None and rollout.strategy == "rolling":
        message = "SageMaker has no rolling update of several variants"
        hint = "write: strategy: canary, linear or all-at-once"
        yield _excludes(("endpoint", "deployment", "strategy"), message, hint)


def _shadow(endpoint: Endpoint) -> Iterator[Diagnostic]:
    if endpoint.shadow is None:
        return
    for name in ("variants", "pipeline"):
        if getattr(endpoint, name):
            message = f"an endpoint has `{name}` or a shadow, not both"
            yield _excludes(("endpoint", "shadow"), message, "delete one of the blocks")


def _pipeline(manifest: Manifest) -> Iterator[Diagnostic]:
    endpoint, key = manifest.endpoint, ("endpoint", "pipeline")
    pipeline = endpoint.pipeline
    if pipeline is None:
        return
    if endpoint.variants:
        message = "the models of several variants are single containers"
        yield _excludes(key, message, "delete the block, or endpoint.variants")
    count = 1 + len(pipeline.before) + len(pipeline.after)
    if count == 1:
        yield _excludes(key, "a pipeline has containers before or after this model's", "name one, or delete the block")
    elif count > PIPELINE_CONTAINERS:
        yield Diagnostic(
            "BYO304", f"{count} containers; a pipeline has at most {PIPELINE_CONTAINERS}", key, "merge some"
        )
    for place in ("before", "after"):
        for index, container in enumerate(getattr(pipeline, place)):
            yield from _container((*key, place, index), container, manifest.regions)


def _container(key: Key, container: Container, regions: Sequence[str]) -> Iterator[Diagnostic]:
    where = container.image.split(".")[3]
    for region in regions:
        if region != where:
            message = f"the image lies in {where}; an endpoint in {region} pulls from {region}"
            yield _excludes((*key, "image"), message, f"push it to {region} too, and keep to one region")
            return


def _artifact_in_s3(manifest: Manifest) -> Iterator[Diagnostic]:
    artifact, mode, key = manifest.model.artifact or "", manifest.endpoint.mode, ("model", "artifact")
    place = artifact.removeprefix("s3://").partition("/")[2]
    if not artifact.startswith("s3://") or not place:
        return
    if mode != "multi-model" and not artifact.endswith((".tar.gz", "/")):
        message = "SageMaker takes an archive, or a folder of plain files"
        yield Diagnostic("BYO310", message, key, f"name a .tar.gz, or write: {artifact}/")
    elif artifact.endswith("/") and mode in ("serverless", "batch"):
        message = f"mode {mode} takes no folder of plain files from S3"
        yield Diagnostic("BYO310", message, key, "pack it, and write: s3://bucket/key.tar.gz")
    elif artifact.endswith("/") and manifest.endpoint.pipeline is not None:
        message = "a pipeline takes no folder of plain files from S3"
        yield Diagnostic("BYO310", message, key, "pack it, and write: s3://bucket/key.tar.gz")
    if len(manifest.regions) > 1:
        message = "a model in S3 lies in one region, and SageMaker reads it from the endpoint's own"
        yield _excludes(key, message, "name a local copy, which `make upload` brings to every region")
