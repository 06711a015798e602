"""The plan: every value that a generated project is made of, by subject, each a `Decision`.

Rules: frozen dataclasses of decisions, in the order in which `explain` shows them; the key of a value is
`subject.field`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from byocgen.manifest.model import Input
    from byocgen.names import BucketPrefix, EcrRepositoryName, ProjectName, RolePrefix
    from byocgen.plan.decision import Decision


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """What the container is built from."""

    architecture: Decision[str]
    platform: Decision[str]
    base_image: Decision[str]
    python_image: Decision[str]
    """That of the first stage; the same as `base_image` where no GPU is used."""
    python: Decision[str]
    framework: Decision[str]
    framework_version: Decision[str]
    """Empty: the framework has none."""
    cuda: Decision[str]
    """The CUDA toolkit that the framework was built with; empty: the build for CPUs."""
    torch: Decision[str]
    """PyTorch's CPU build beside the lock; empty: none."""
    user: Decision[str]
    uv_version: Decision[str]


@dataclass(frozen=True, slots=True)
class ServingPlan:
    """How the app runs in it. Sizes in bytes, times in seconds."""

    workers: Decision[int]
    threads: Decision[int]
    blas_threads: Decision[int]
    queue_size: Decision[int]
    timeout_seconds: Decision[int]
    max_payload_bytes: Decision[int]
    drain_seconds: Decision[int]
    stream: Decision[bool]
    batch_size: Decision[int]
    """Requests predicted together at most; 1: each by itself."""
    batch_delay_ms: Decision[int]
    lane: Decision[str]
    """Where predictions run: `auto` (measured by the app when it warms up), `inline`, `threads`."""
    http: Decision[str]
    """`direct`: /invocations and /ping below ASGI where they are plain; `asgi`: all by the application."""
    optimize: Decision[str]
    inputs: Decision[tuple[Input, ...]]
    environment: Decision[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """Where the model comes from."""

    artifact: Decision[str]
    """Path relative to the project; empty: the project trains a sample model."""
    task: Decision[str]
    """Of a transformers model; empty: the model's own, or none."""
    requirements: Decision[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class NamesPlan:
    """Names of AWS resources."""

    endpoint: Decision[ProjectName]
    repository: Decision[EcrRepositoryName]
    bucket_prefix: Decision[BucketPrefix]
    role_prefix: Decision[RolePrefix]


@dataclass(frozen=True, slots=True)
class StackPlan:
    """What Terraform makes. Times in seconds, sizes in GiB."""

    region: Decision[str]
    """The default one."""
    regions: Decision[Mapping[str, str]]
    """All of them, in order: name -> short form."""
    layers: Decision[tuple[str, ...]]
    """Folders of `templates/terraform/`."""
    mode: Decision[str]
    instance_type: Decision[str]
    instance_count: Decision[int]
    volume_size_gib: Decision[int | None]
    ami_version: Decision[str | None]
    """The hosts' machine image, which has the driver: of an endpoint's hosts, in mode batch of a job's; None: their own."""
    startup_health_check_timeout_seconds: Decision[int]
    model_download_timeout_seconds: Decision[int]
    kms: Decision[str]
    permissions_boundary: Decision[str | None]
    """Policy that bounds every role that is made; none: none."""
    vpc_id: Decision[str | None]
    """Where the containers run; none: SageMaker's own network."""
    subnet_ids: Decision[tuple[str, ...]]
    isolation: Decision[bool]
    """Whether the containers have no outbound network."""
    log_retention_days: Decision[int]
    tags: Decision[Mapping[str, str]]
    provider: Decision[str]
    terraform: Decision[str]
    quotas: Decision[tuple[str, ...]]
    """Limits of the account to look at before the first release, by their names in Service Quotas."""


@dataclass(frozen=True, slots=True)
class CostPlan:
    """What the endpoint costs on demand, in US dollars; `unknown` where no source states a price, none where it does not apply."""

    usd_per_hour: Decision[str | None]
    """One instance in the default region."""
    usd_per_month_least: Decision[str | None]
    """With the fewest instances that scaling leaves, in all regions."""
    usd_per_month_most: Decision[str | None]
    """With the most instances that scaling makes, in all regions."""
    usd_saved_per_quiet_hour: Decision[str | None]
    """What an hour with the fewest instances costs less than one with the most."""
    usd_per_million_invocations: Decision[str | None]
    """Of a serverless endpoint."""


@dataclass(frozen=True, slots=True)
class PipelinePlan:
    """Who releases."""

    provider: Decision[str]
    repository: Decision[str]
    """Empty: none."""
    branch: Decision[str]
    environment: Decision[str]
    """Empty: none."""
    subject: Decision[str]
    """What a token of GitHub must say a run is for, to take the role that deploys."""
    runner: Decision[str]
    terraform: Decision[str]


@dataclass(frozen=True, slots=True)
class ServerlessPlan:
    """How large a serverless container is, and how many there may be."""

    memory_mib: Decision[int]
    max_concurrency: Decision[int]
    provisioned_concurrency: Decision[int]


@dataclass(frozen=True, slots=True)
class AsyncPlan:
    """How an asynchronous endpoint works its queue off, and who is told."""

    max_concurrent_per_instance: Decision[int]
    notify_email: Decision[str | None]


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What a transform job reads and writes, and how it cuts its input into requests."""

    reads: Decision[str | None]
    writes: Decision[str | None]
    content_type: Decision[str]
    split: Decision[str]
    strategy: Decision[str]
    max_concurrent: Decision[int | None]
    join_input: Decision[bool]
    timeout_seconds: Decision[int]
    """For one request of a job."""


@dataclass(frozen=True, slots=True)
class ScalingPlan:
    """Between which limits the endpoint grows and shrinks, and what it follows. Times in seconds."""

    min: Decision[int]
    max: Decision[int]
    metric: Decision[str]
    target: Decision[float]
    scale_out_cooldown_seconds: Decision[int]
    scale_in_cooldown_seconds: Decision[int]
    schedule: Decision[Mapping[str, Mapping[str, Any]]]
    """Other limits at certain times, by name."""


@dataclass(frozen=True, slots=True)
class ShadowPlan:
    """The variant that gets a copy of the requests."""

    instance_type: Decision[str]
    sample_percent: Decision[int]


@dataclass(frozen=True, slots=True)
class VariantsPlan:
    """The production variants beside primary."""

    further: Decision[Mapping[str, Mapping[str, Any]]]
    """By name: share of the traffic, machines."""


@dataclass(frozen=True, slots=True)
class ContainersPlan:
    """The containers that requests pass through before and after this model's."""

    before: Decision[tuple[Mapping[str, Any], ...]]
    after: Decision[tuple[Mapping[str, Any], ...]]


@dataclass(frozen=True, slots=True)
class Plan:
    """All decisions for one project. A subject that the mode or the manifest does not have is None."""

    image: ImagePlan
    model: ModelPlan
    serving: ServingPlan
    names: NamesPlan
    stack: StackPlan
    cost: CostPlan
    pipeline: PipelinePlan
    serverless: ServerlessPlan | None = None
    async_: AsyncPlan | None = None
    batch: BatchPlan | None = None
    scaling: ScalingPlan | None = None
    variants: VariantsPlan | None = None
    shadow: ShadowPlan | None = None
    containers: ContainersPlan | None = None

    def decisions(self) -> Iterator[tuple[str, Decision[Any]]]:
        """Yield each decision with its key, such as `serving.workers`."""
        for subject in fields(self):
            group = getattr(self, subject.name)
            for field in () if group is None else fields(group):
                yield f"{subject.name.rstrip('_')}.{field.name}", getattr(group, field.name)
