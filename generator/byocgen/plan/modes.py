"""What a mode of hosting has beside machines: memory, queues, jobs, limits between which it grows, further variants.

Rules: a subject is there where the mode or the manifest has it. The manifest has been checked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict

from byocgen.manifest.endpoint import Async, Autoscaling, Batch, Serverless
from byocgen.plan import availability
from byocgen.plan.decision import DEFAULT, Decision, chosen, chosen_or
from byocgen.plan.plan import (
    AsyncPlan,
    BatchPlan,
    ContainersPlan,
    ScalingPlan,
    ServerlessPlan,
    ShadowPlan,
    VariantsPlan,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from byocgen.catalog import Catalog, Instance
    from byocgen.manifest.endpoint import Container, Endpoint, Scheduled
    from byocgen.manifest.model import Manifest
    from byocgen.plan.placement import Placement

SERVERLESS_DOCS = "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html"
TRANSFORM_DOCS = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html"
SCALING_DOCS = "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html"
BATCH_TIMEOUT_SECONDS = 600
BACKLOG_PER_INSTANCE = 5
PROVISIONED_USE = 0.7
"""Share of the warm invocations in use at which more are kept warm: the value of SageMaker's own example."""
INVOCATIONS = "SageMakerVariantInvocationsPerInstance"
BACKLOG = "ApproximateBacklogSizePerInstance"
WARM = "SageMakerVariantProvisionedConcurrencyUtilization"


class Modes(TypedDict):
    """The subjects of a plan that depend on the mode."""

    serverless: ServerlessPlan | None
    async_: AsyncPlan | None
    batch: BatchPlan | None
    scaling: ScalingPlan | None
    variants: VariantsPlan | None
    shadow: ShadowPlan | None
    containers: ContainersPlan | None


def decide(manifest: Manifest, catalog: Catalog, serves: Placement) -> Modes:
    """Choose what the manifest's mode needs on the machine that serves."""
    endpoint = manifest.endpoint
    return Modes(
        serverless=_serverless(endpoint, serves),
        async_=_async(endpoint),
        batch=_batch(manifest, serves.instance),
        scaling=_scaling(endpoint),
        variants=_variants(manifest, catalog, serves),
        shadow=_shadow(manifest, catalog),
        containers=_around(endpoint),
    )


def _given(block: Any, field: str, key: str, reason: str, source: str = DEFAULT) -> Decision[Any]:
    """The value of a block's field, chosen where it is not the block's own default."""
    value = getattr(block, field)
    if value != getattr(type(block), field):
        return chosen(value, f"{key}.{field}")
    return Decision(value, reason, source)


def _serverless(endpoint: Endpoint, serves: Placement) -> ServerlessPlan | None:
    if serves.serverless_memory_mib is None:
        return None
    block, key = endpoint.serverless or Serverless(), "endpoint.serverless"
    return ServerlessPlan(
        memory_mib=serves.serverless_memory_mib,
        max_concurrency=_given(block, "max_concurrency", key, "further invocations are refused, not queued"),
        provisioned_concurrency=_given(
            block, "provisioned_concurrency", key, "nothing is kept warm, so a first one waits"
        ),
    )


def _async(endpoint: Endpoint) -> AsyncPlan | None:
    if endpoint.mode != "async":
        return None
    block, key = endpoint.async_ or Async(), "endpoint.async"
    return AsyncPlan(
        max_concurrent_per_instance=_given(
            block, "max_concurrent_per_instance", key, "the next request is at hand while one is worked at"
        ),
        notify_email=_given(block, "notify_email", key, "nobody is told by mail; there are topics to subscribe to"),
    )


def _batch(manifest: Manifest, instance: Instance) -> BatchPlan | None:
    endpoint, seconds = manifest.endpoint, manifest.serving.timeout_seconds
    if endpoint.mode != "batch":
        return None
    block, key = endpoint.batch or Batch(), "endpoint.batch"
    return BatchPlan(
        reads=_given(block, "input_folder", key, "a folder of the stack's bucket"),
        writes=_given(block, "output_folder", key, "a folder of the stack's bucket"),
        content_type=_given(block, "content_type", key, "a record a line, as it leaves most warehouses"),
        split=_given(block, "split", key, "an object holds a record a line", TRANSFORM_DOCS),
        strategy=_given(block, "strategy", key, "as many records as fit share a request", TRANSFORM_DOCS),
        max_concurrent=_given(block, "max_concurrent", key, "what the server answers to GET /execution-parameters"),
        join_input=_given(block, "join_input", key, "predictions alone, in the order of the records"),
        encrypt_volume=_encrypted(instance),
        timeout_seconds=chosen(seconds, "serving.timeout_seconds")
        if seconds > BATCH_TIMEOUT_SECONDS
        else Decision(BATCH_TIMEOUT_SECONDS, "what a job waits for an answer by default", TRANSFORM_DOCS),
    )


def _encrypted(instance: Instance) -> Decision[bool]:
    local = instance.nvme_gb is not None
    reason = (
        "local storage has a key of the hardware, and SageMaker refuses another" if local else "a volume is encrypted"
    )
    return Decision(not local, reason, TRANSFORM_DOCS, ("stack.instance_type",))


def _scaling(endpoint: Endpoint) -> ScalingPlan | None:
    if endpoint.serverless is not None and endpoint.mode == "serverless":
        return _warm(endpoint.serverless)
    return None if endpoint.autoscaling is None else _instances(endpoint.autoscaling, endpoint.mode)


def _instances(scaling: Autoscaling, mode: str) -> ScalingPlan:
    key = "endpoint.autoscaling"
    metric = Decision(INVOCATIONS, "machines follow the invocations a minute on each", SCALING_DOCS)
    target = _given(scaling, "invocations_per_instance", key, "a value to start from; measure what a machine can do")
    if mode == "async":
        metric = Decision(BACKLOG, "machines follow the requests that wait for each, down to none", SCALING_DOCS)
        few = Decision(BACKLOG_PER_INSTANCE, "a value to start from; a request more means a longer wait", DEFAULT)
        target = chosen_or(scaling.backlog_per_instance, f"{key}.backlog_per_instance", few)
    return ScalingPlan(
        min=_given(scaling, "min", key, "one machine is always there"),
        max=_given(scaling, "max", key, "a limit of what it can cost"),
        metric=metric,
        target=target,
        scale_out_cooldown_seconds=_given(
            scaling, "scale_out_cooldown_seconds", key, "one period of the metric: more load is met soon"
        ),
        scale_in_cooldown_seconds=_given(
            scaling,
            "scale_in_cooldown_seconds",
            key,
            "a machine takes minutes to come back, so it goes slowly",
            SCALING_DOCS,
        ),
        schedule=_schedule(scaling.schedule, f"{key}.schedule"),
    )


def _warm(serverless: Serverless) -> ScalingPlan | None:
    most, key = serverless.provisioned_concurrency_max, "endpoint.serverless"
    if most is None and not serverless.schedule:
        return None
    lasting = "as many as are kept warm; only the schedule changes it"
    otherwise = Decision(serverless.provisioned_concurrency, lasting, f"manifest: {key}.provisioned_concurrency")
    return ScalingPlan(
        min=chosen(serverless.provisioned_concurrency, f"{key}.provisioned_concurrency"),
        max=chosen_or(most, f"{key}.provisioned_concurrency_max", otherwise),
        metric=Decision(WARM, "what is kept warm follows the share of it in use", SERVERLESS_DOCS),
        target=Decision(PROVISIONED_USE, "some are free when the next requests come", SERVERLESS_DOCS),
        scale_out_cooldown_seconds=Decision(
            Autoscaling.scale_out_cooldown_seconds, "one period of the metric: more load is met soon", DEFAULT
        ),
        scale_in_cooldown_seconds=Decision(
            Autoscaling.scale_in_cooldown_seconds, "what was kept warm may be needed again", SCALING_DOCS
        ),
        schedule=_schedule(serverless.schedule, f"{key}.schedule"),
    )


def _schedule(actions: Sequence[Scheduled], key: str) -> Decision[Mapping[str, Mapping[str, Any]]]:
    if not actions:
        return Decision({}, "the limits are the same at all times", DEFAULT)
    times = {
        one.name: {"schedule": one.schedule, "timezone": one.timezone, "min": one.min, "max": one.max}
        for one in actions
    }
    return chosen(times, key)


def _variants(manifest: Manifest, catalog: Catalog, serves: Placement) -> VariantsPlan | None:
    endpoint = manifest.endpoint
    if not endpoint.variants:
        return None
    further: Mapping[str, Mapping[str, Any]] = {
        one.name: {
            "percent": one.percent,
            "instance_type": one.instance_type or serves.instance_type.value,
            "instance_count": one.instance_count,
        }
        for one in endpoint.variants
    }
    own = dict.fromkeys(one.instance_type for one in endpoint.variants if one.instance_type is not None)
    offered = (fact for name in own for fact in availability.facts(manifest, name, catalog))
    named = chosen(further, "endpoint.variants")
    return VariantsPlan(further=replace(named, because=("stack.instance_type", *offered)))


def _shadow(manifest: Manifest, catalog: Catalog) -> ShadowPlan | None:
    shadow = manifest.endpoint.shadow
    if shadow is None:
        return None
    offered = availability.facts(manifest, shadow.instance_type, catalog)
    return ShadowPlan(
        instance_type=replace(chosen(shadow.instance_type, "endpoint.shadow.instance_type"), because=offered),
        sample_percent=_given(shadow, "sample_percent", "endpoint.shadow", "enough to compare, at little cost"),
    )


def _around(endpoint: Endpoint) -> ContainersPlan | None:
    pipeline, key = endpoint.pipeline, "endpoint.pipeline"
    if pipeline is None:
        return None
    return ContainersPlan(
        before=_containers(pipeline.before, f"{key}.before"), after=_containers(pipeline.after, f"{key}.after")
    )


def _containers(containers: Sequence[Container], key: str) -> Decision[tuple[Mapping[str, Any], ...]]:
    if not containers:
        return Decision((), "none", DEFAULT)
    given = (
        {"image": one.image, "model_data_url": one.artifact, "environment": dict(one.environment)} for one in containers
    )
    return chosen(tuple(given), key)
