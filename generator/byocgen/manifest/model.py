"""The manifest, version 1: every field, its type, its limits and its description.

Rules: frozen pydantic dataclasses, strict (no text becomes a number). `Field(description=...)` is the one text that the
JSON Schema and docs/manifest.md share. Rules between fields live in `contradictions`, not here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag
from pydantic.dataclasses import dataclass

from byocgen.manifest.kinds import (
    WHOLE,
    BranchName,
    EcrImage,
    Email,
    EnvironmentName,
    EnvironmentOfPipeline,
    EnvironmentValue,
    FrameworkName,
    InputType,
    InstanceType,
    InstanceTypeOrAuto,
    KmsKey,
    Line,
    LogRetention,
    MediaType,
    Mode,
    Name,
    Percent,
    PolicyArn,
    PythonVersion,
    Region,
    RepositoryName,
    Requirement,
    S3Archive,
    S3Prefix,
    Schedule,
    ServerlessMemory,
    SubnetId,
    TagKey,
    TagValue,
    Threads,
    TimeZone,
    VariantName,
    VpcId,
    Word,
    Workers,
    branch,
)

CONFIG = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Input:
    """One column of the model's input."""

    name: Annotated[Line, Field(min_length=1, description="Column name, as the model was trained on it.")]
    type: Annotated[InputType, Field(description="Type that a value must have.")]
    values: Annotated[tuple[Line, ...] | None, Field(description="The only values allowed (type string).")] = None


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Generation:
    """What a model that writes texts keeps of their tokens."""

    kv_kib_per_token: Annotated[
        float,
        Field(
            gt=0,
            le=1e6,
            description="Keys and values of one token, KiB: 2 x layers x KV heads x head size x bytes of a number / 1024.",
        ),
    ]
    context_tokens: Annotated[
        int,
        Field(ge=1, le=100_000_000, description="Longest prompt and answer together, tokens; longer ones are refused."),
    ]
    sequences: Annotated[
        int, Field(ge=1, le=1024, description="Most texts of one request that are written at one time.")
    ] = 16


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Model:
    """What is served."""

    framework: Annotated[
        FrameworkName, Field(description="Library that loads the model; python: none, inference.py does.")
    ]
    framework_version: Annotated[
        Word | None,
        Field(
            description="Version of that library, in quotes; default: the catalogue's. "
            "A pickle must be served by the version that wrote it. Not for framework python, which is none."
        ),
    ] = None
    python: Annotated[
        PythonVersion | None, Field(description="Python of the image, in quotes; default: the catalogue's.")
    ] = None
    artifact: Annotated[
        Line | None,
        Field(
            description="Model file or folder relative to the manifest, or s3://bucket/prefix; "
            "none: the project trains a sample model."
        ),
    ] = None
    task: Annotated[
        Word | None,
        Field(
            description="Task of a transformers model, such as text-classification; default: what its config.json tells."
        ),
    ] = None
    size_gib: Annotated[
        float | None,
        Field(gt=0, le=32768, description="Size of the model in memory, GiB; only when it cannot be measured."),
    ] = None
    generation: Annotated[
        Generation | None,
        Field(description="Memory that texts take while a transformers model writes them; default: not counted."),
    ] = None
    requirements: Annotated[
        tuple[Requirement, ...], Field(description="Python packages beside the framework's own.")
    ] = ()
    inputs: Annotated[
        tuple[Input, ...],
        Field(description="Columns in order: validation, order of rows given as objects, example payload."),
    ] = ()


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Batching:
    """Several requests predicted at once."""

    max_size: Annotated[int, Field(ge=2, le=1024, description="Most requests in one batch.")]
    max_delay_ms: Annotated[
        int, Field(ge=0, le=1000, description="Longest wait for a batch to fill, milliseconds.")
    ] = 0


BatchingOrWord = Annotated[
    Annotated[Literal["auto", "off"], Tag("word")] | Annotated[Batching, Tag("value")], Discriminator(branch)
]


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Serving:
    """How the app serves."""

    workers: Annotated[Workers, Field(description="Worker processes: auto or a number.")] = "auto"
    threads: Annotated[Threads, Field(description="Predictions at one time in a worker: auto or a number.")] = "auto"
    batching: Annotated[BatchingOrWord, Field(description="Join requests: auto, off, or {max_size, max_delay_ms}.")] = (
        "auto"
    )
    timeout_seconds: Annotated[
        int, Field(ge=1, le=3600, description="Longest invocation, seconds: at most 60 real time, 3600 async.")
    ] = 60
    max_payload_mib: Annotated[
        int | None,
        Field(
            ge=1,
            le=1024,
            description="Largest request body, MiB; default: 6, serverless 4, which is also the most they carry.",
        ),
    ] = None
    stream: Annotated[
        bool,
        Field(
            description="Send the answer in pieces as it is made: a text that transformers write, or framework python."
        ),
    ] = False
    optimize: Annotated[
        Literal["auto", "off", "int8"],
        Field(
            description="Serve a faster equal of the model, only where its answers are shown equal; int8: close to equal,"
            " for transformers that read texts."
        ),
    ] = "auto"
    environment: Annotated[
        dict[EnvironmentName, EnvironmentValue],
        Field(max_length=100, description="Environment variables of the container; values in quotes."),
    ] = Field(default_factory=dict)


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


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Replication:
    """How further regions get what is released."""

    images: Annotated[
        Literal["release", "ecr"],
        Field(
            description="release: `make push` pushes to each region; ecr: the registry's own replication, of which an account "
            "has one configuration in a region, so it must be this project's."
        ),
    ] = "release"
    models: Annotated[
        Literal["release", "s3"],
        Field(description="release: `make upload` uploads to each region; s3: the bucket's own replication."),
    ] = "release"


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Network:
    """What the model's containers reach, and from where."""

    vpc_id: Annotated[VpcId | None, Field(description="VPC that they run in; none: SageMaker's own network.")] = None
    subnet_ids: Annotated[
        tuple[SubnetId, ...] | None,
        Field(min_length=2, max_length=16, description="Two or more subnets of the VPC, in two zones."),
    ] = None
    isolation: Annotated[bool, Field(description="No outbound network at all; with or without a VPC.")] = False
    interface_endpoints: Annotated[
        bool,
        Field(
            description="Make interface endpoints in the VPC for ECR, CloudWatch, KMS, STS and the SageMaker runtime, "
            "billed by the hour; false where it has them."
        ),
    ] = True
    s3_gateway: Annotated[
        bool, Field(description="Make the VPC's gateway endpoint for S3; false where its route tables have one.")
    ] = True


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Security:
    """Keys and users."""

    kms: Annotated[
        KmsKey, Field(description="managed (a key of this stack), aws (keys that AWS owns), or an existing key's ARN.")
    ] = "managed"
    run_as_root: Annotated[bool, Field(description="Run the container as root; default: an unprivileged user.")] = False
    access_logs: Annotated[
        bool, Field(description="Log the requests to the model bucket in a bucket of logs, as S3 does it: best effort.")
    ] = False
    data_events: Annotated[
        bool,
        Field(
            description="Record in CloudTrail who reads and writes models: complete and signed; charged by the event."
        ),
    ] = False
    permissions_boundary: Annotated[
        PolicyArn | None,
        Field(description="ARN of the policy that bounds every role that is made, where the account asks for one."),
    ] = None


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Observability:
    """What is watched."""

    alarms: Annotated[
        bool,
        Field(description="Alarms that notify people, by an SNS topic a region (rollback alarms are always there)."),
    ] = False
    alarm_email: Annotated[
        Email | None, Field(description="Address that alarms and the budget's notifications go to.")
    ] = None
    dashboard: Annotated[bool, Field(description="A CloudWatch dashboard.")] = False
    log_retention_days: Annotated[
        LogRetention, Field(description="Days that logs are kept: one of CloudWatch's steps.")
    ] = 30


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Cost:
    """Money."""

    monthly_budget_usd: Annotated[
        float | None,
        Field(
            gt=0,
            le=1e9,
            description="Monthly budget in US dollars; observability.alarm_email is told of 80 and 100 percent.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Ci:
    """Continuous delivery of the project."""

    provider: Annotated[Literal["github", "codebuild", "none"], Field(description="Who runs it.")] = "none"
    repository: Annotated[RepositoryName | None, Field(description="Repository on GitHub, owner/name.")] = None
    branch: Annotated[BranchName, Field(description="Branch that is released, on every push to it.")] = "main"
    environment: Annotated[
        EnvironmentOfPipeline | None,
        Field(
            description="GitHub environment that a release runs in, where people approve it; its own rules say which "
            "branches may use it."
        ),
    ] = None


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Files:
    """Ownership of generated files."""

    eject: Annotated[tuple[Line, ...], Field(description="Managed files that are yours from now on.")] = ()


@dataclass(frozen=True, kw_only=True, config=CONFIG)
class Manifest:
    """A model, how it is served, and what runs it."""

    version: Annotated[Literal[1], WHOLE, Field(description="Version of the manifest's format.")]
    name: Annotated[Name, Field(description="Name of the project and its endpoint; at most 40 characters.")]
    description: Annotated[Line, Field(description="One line for people.")] = ""
    model: Annotated[Model, Field(description="What is served.")]
    serving: Annotated[Serving, Field(description="How the app serves.")] = Field(default_factory=Serving)
    endpoint: Annotated[Endpoint, Field(description="What runs it.")] = Field(default_factory=Endpoint)
    regions: Annotated[
        tuple[Region, ...], Field(min_length=1, max_length=32, description="AWS regions; the first is the default.")
    ] = ("us-east-1",)
    replication: Annotated[Replication, Field(description="How further regions get what is released.")] = Field(
        default_factory=Replication
    )
    network: Annotated[Network | None, Field(description="A VPC for the containers.")] = None
    security: Annotated[Security, Field(description="Keys and users.")] = Field(default_factory=Security)
    observability: Annotated[Observability, Field(description="Logs, alarms, dashboard.")] = Field(
        default_factory=Observability
    )
    cost: Annotated[Cost, Field(description="Budget.")] = Field(default_factory=Cost)
    ci: Annotated[Ci, Field(description="Continuous delivery.")] = Field(default_factory=Ci)
    tags: Annotated[dict[TagKey, TagValue], Field(max_length=40, description="Tags on every resource.")] = Field(
        default_factory=dict
    )
    files: Annotated[Files, Field(description="Ownership of generated files.")] = Field(default_factory=Files)
