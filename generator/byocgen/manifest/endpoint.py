"""The `endpoint` of the manifest: what runs the model, in which mode, how much of it, and how an update comes.

Rules: as in `model`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from byocgen.manifest.kinds import (
    CONFIG,
    EcrImage,
    Email,
    EnvironmentName,
    EnvironmentValue,
    InstanceType,
    InstanceTypeOrAuto,
    MediaType,
    Mode,
    Percent,
    S3Archive,
    S3Prefix,
    Schedule,
    ServerlessMemory,
    TimeZone,
    VariantName,
)


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Scheduled:
    """Other limits from a moment on."""

    name: Annotated[VariantName, Field(description="Its name, such as morning.")]
    schedule: Annotated[Schedule, Field(description="When: cron(0 8 ? * MON-FRI *), rate(1 hour), at(...).")]
    timezone: Annotated[TimeZone, Field(description="Time zone of a cron or a moment.")] = "UTC"
    min: Annotated[int | None, Field(ge=0, le=10000, description="Fewest from then on; default: unchanged.")] = None
    max: Annotated[int | None, Field(ge=0, le=10000, description="Most from then on; default: unchanged.")] = None


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Autoscaling:
    """Target tracking on invocations; in mode async on the backlog."""

    min: Annotated[int, Field(ge=0, le=10000, description="Fewest instances; 0 only for async.")] = 1
    max: Annotated[int, Field(ge=1, le=10000, description="Most instances.")] = 4
    invocations_per_instance: Annotated[
        int, Field(ge=1, le=1_000_000, description="Target: invocations a minute on one instance; not for async.")
    ] = 1000
    backlog_per_instance: Annotated[
        int | None, Field(ge=1, le=1_000_000, description="Target of mode async: requests that wait for one instance.")
    ] = None
    scale_out_cooldown_seconds: Annotated[
        int, Field(ge=0, le=3600, description="Rest after instances were added, seconds.")
    ] = 60
    scale_in_cooldown_seconds: Annotated[
        int, Field(ge=0, le=3600, description="Rest after instances were taken away, seconds.")
    ] = 300
    schedule: Annotated[tuple[Scheduled, ...], Field(max_length=50, description="Other limits at certain times.")] = ()


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Serverless:
    """A serverless variant."""

    memory_mib: Annotated[
        ServerlessMemory, Field(description="Memory, MiB, in steps of 1024; auto: the smallest that holds the model.")
    ] = "auto"
    max_concurrency: Annotated[int, Field(ge=1, le=200, description="Most invocations at one time.")] = 10
    provisioned_concurrency: Annotated[int, Field(ge=0, le=200, description="Invocations kept warm.")] = 0
    provisioned_concurrency_max: Annotated[
        int | None,
        Field(ge=1, le=200, description="Most kept warm, by their use; default: always provisioned_concurrency."),
    ] = None
    schedule: Annotated[
        tuple[Scheduled, ...], Field(max_length=50, description="Other limits of what is kept warm at certain times.")
    ] = ()


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Async:
    """An asynchronous endpoint."""

    max_concurrent_per_instance: Annotated[
        int, Field(ge=1, le=1000, description="Most invocations at one time on an instance.")
    ] = 4
    notify_email: Annotated[Email | None, Field(description="Address told of successes and failures.")] = None


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Batch:
    """A batch transform job; `make transform` starts one."""

    input_folder: Annotated[
        S3Prefix | None, Field(description="Folder in S3 that jobs read; default: one in the stack's bucket.")
    ] = None
    output_folder: Annotated[
        S3Prefix | None, Field(description="Folder in S3 that jobs write; default: one in the stack's bucket.")
    ] = None
    content_type: Annotated[MediaType, Field(description="Content type of the input.")] = "text/csv"
    split: Annotated[
        Literal["line", "none"],
        Field(description="line: an object holds a record a line; none: an object is one request."),
    ] = "line"
    strategy: Annotated[
        Literal["multi-record", "single-record"], Field(description="As many records as fit in a request, or one.")
    ] = "multi-record"
    max_concurrent: Annotated[
        int | None,
        Field(ge=1, le=100, description="Requests at one time on an instance; default: what the server says."),
    ] = None
    join_input: Annotated[bool, Field(description="Write each record before its prediction.")] = False


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Container:
    """Another container of an inference pipeline."""

    image: Annotated[EcrImage, Field(description="Its image in ECR, in the region of the stack.")]
    artifact: Annotated[S3Archive | None, Field(description="Its model, s3://bucket/key.tar.gz.")] = None
    environment: Annotated[
        dict[EnvironmentName, EnvironmentValue],
        Field(max_length=100, description="Its environment variables; values in quotes."),
    ] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Pipeline:
    """Containers that requests pass through in order, on each instance."""

    before: Annotated[tuple[Container, ...], Field(max_length=14, description="Containers before this model's.")] = ()
    after: Annotated[tuple[Container, ...], Field(max_length=14, description="Containers after it.")] = ()


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Variant:
    """A further production variant, which gets a share of the traffic."""

    name: Annotated[VariantName, Field(description="Its name, such as challenger; the first variant is primary.")]
    percent: Annotated[int, Field(ge=0, le=99, description="Its share of the traffic; primary has the rest.")]
    instance_type: Annotated[InstanceType | None, Field(description="Its instance type; default: the endpoint's.")] = (
        None
    )
    instance_count: Annotated[int, Field(ge=1, le=10000, description="Its instances.")] = 1


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Deployment:
    """How an update replaces what runs."""

    strategy: Annotated[
        Literal["all-at-once", "canary", "linear", "rolling"],
        Field(description="Blue/green with one kind of traffic shift, or rolling batches."),
    ] = "all-at-once"
    step_percent: Annotated[
        Percent, Field(description="Size of a step: canary at most 50, linear 10 to 50, rolling 5 to 50.")
    ] = 10
    wait_seconds: Annotated[int, Field(ge=0, le=3600, description="Watch time after a step, seconds.")] = 300
    rollback: Annotated[bool, Field(description="Roll back when an alarm fires.")] = True


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class DataCapture:
    """Requests and responses kept in S3."""

    percent: Annotated[Percent, Field(description="Share of invocations kept.")] = 10
    retention_days: Annotated[int, Field(ge=1, le=3650, description="Days after which what was kept is deleted.")] = 30


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Shadow:
    """A variant that gets a copy of the traffic."""

    instance_type: Annotated[InstanceType, Field(description="Its instance type.")]
    sample_percent: Annotated[Percent, Field(description="Share of invocations copied to it.")] = 5


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Endpoint:
    """What runs it."""

    mode: Annotated[Mode, Field(description="Kind of endpoint.")] = "realtime"
    instance_type: Annotated[
        InstanceTypeOrAuto, Field(description="SageMaker hosting type, or auto (the cheapest that fits).")
    ] = "ml.m5.xlarge"
    instance_count: Annotated[int, Field(ge=1, le=10000, description="Instances of the first deployment.")] = 1
    volume_size_gib: Annotated[
        int | None, Field(ge=1, le=512, description="EBS volume, GiB; only on families without local NVMe.")
    ] = None
    autoscaling: Annotated[Autoscaling | None, Field(description="Scaling between a minimum and a maximum.")] = None
    serverless: Annotated[Serverless | None, Field(description="Settings of mode serverless.")] = None
    async_: Annotated[Async | None, Field(description="Settings of mode async.")] = Field(default=None, alias="async")
    deployment: Annotated[Deployment | None, Field(description="How updates roll out.")] = None
    data_capture: Annotated[DataCapture | None, Field(description="Capture of requests and responses.")] = None
    batch: Annotated[Batch | None, Field(description="Settings of mode batch.")] = None
    shadow: Annotated[Shadow | None, Field(description="Shadow variant.")] = None
    variants: Annotated[tuple[Variant, ...], Field(max_length=9, description="Further production variants.")] = ()
    pipeline: Annotated[Pipeline | None, Field(description="Containers before and after this model's.")] = None
