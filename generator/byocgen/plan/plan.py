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
    """CPU architecture of the image: amd64 or arm64."""
    platform: Decision[str]
    """Platform that Docker builds for."""
    base_image: Decision[str]
    """Image that the last stage starts from."""
    python_image: Decision[str]
    """That of the first stage; the same as `base_image` where no GPU is used."""
    python: Decision[str]
    """Python of the image and of the project's own environment."""
    framework: Decision[str]
    """Distribution of the library that loads the model."""
    framework_version: Decision[str]
    """Version of that library; empty: the framework has none."""
    cuda: Decision[str]
    """The CUDA toolkit that the framework was built with; empty: the build for CPUs."""
    torch: Decision[str]
    """PyTorch's CPU build beside the lock; empty: none."""
    user: Decision[str]
    """User and group that the server runs as."""
    uv_version: Decision[str]
    """Release of uv that installs the locked packages."""


@dataclass(frozen=True, slots=True)
class ServingPlan:
    """How the app runs in it. Sizes in bytes, times in seconds."""

    workers: Decision[int]
    """Processes that answer, each with the model."""
    threads: Decision[int]
    """Predictions at one time in each of them."""
    blas_threads: Decision[int]
    """Native threads of each prediction: OpenMP, BLAS, the library's own."""
    queue_size: Decision[int]
    """Requests that may wait in a worker; one more is refused."""
    timeout_seconds: Decision[int]
    """After which a request is answered that it took too long."""
    max_payload_bytes: Decision[int]
    """Largest body that is taken."""
    drain_seconds: Decision[int]
    """For what is in flight when the container is stopped."""
    stream: Decision[bool]
    """Whether an answer is sent piece by piece while it is made."""
    batch_size: Decision[int]
    """Requests predicted together at most; 1: each by itself."""
    batch_delay_ms: Decision[int]
    """How long a request waits for others to be predicted with."""
    lane: Decision[str]
    """Where predictions run: `auto` (measured by the app when it warms up), `inline`, `threads`."""
    http: Decision[str]
    """`direct`: /invocations and /ping below ASGI where they are plain; `asgi`: all by the application."""
    optimize: Decision[str]
    """Whether `make model` makes a faster equal of the model: `auto`, `onnx` or `off`."""
    inputs: Decision[tuple[Input, ...]]
    """Columns of a row, in the order of the training data."""
    environment: Decision[Mapping[str, str]]
    """Variables that the container gets beside its own."""


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """What serving takes of the machine's memory, term by term, MiB; those of a GPU are 0 where none computes."""

    process_mib: Decision[int]
    """A worker without a model."""
    weights_mib: Decision[int]
    """A copy of the model, where it computes: on a GPU or in the machine's own memory."""
    loading_mib: Decision[int]
    """What loading takes beside the copy, for a moment."""
    working_mib: Decision[int]
    """What requests take while they are answered."""
    kv_cache_mib: Decision[int]
    """Keys and values of the tokens of texts that are being written."""
    worker_mib: Decision[int]
    """All that one worker takes of the machine's own memory."""
    further_worker_mib: Decision[int]
    """What each worker beside the first takes."""
    usable_mib: Decision[int]
    """Memory of the machine that is planned with."""
    gpu_worker_mib: Decision[int]
    """All that one worker takes of its GPU."""
    gpu_usable_mib: Decision[int]
    """Memory of one GPU that is planned with."""
    workers: Decision[int]
    """Workers that there is room for."""


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """Where the model comes from."""

    artifact: Decision[str]
    """Path relative to the project; empty: the project trains a sample model."""
    task: Decision[str]
    """Of a transformers model; empty: the model's own, or none."""
    context_tokens: Decision[int | None]
    """Longest prompt and answer together that a transformers model takes; none: as many as the model can."""
    sequences: Decision[int]
    """Texts of one request that a transformers model writes at one time."""
    requirements: Decision[tuple[str, ...]]
    """Packages beside the framework's own."""


@dataclass(frozen=True, slots=True)
class NamesPlan:
    """Names of AWS resources."""

    endpoint: Decision[ProjectName]
    """Endpoint, and what belongs to it."""
    repository: Decision[EcrRepositoryName]
    """Repository of the image in ECR."""
    bucket_prefix: Decision[BucketPrefix]
    """Bucket of the model, up to its region and account."""
    role_prefix: Decision[RolePrefix]
    """Roles, up to their region."""


@dataclass(frozen=True, slots=True)
class StackPlan:
    """What Terraform makes. Times in seconds, sizes in GiB."""

    region: Decision[str]
    """The default one."""
    regions: Decision[Mapping[str, str]]
    """All of them, in order: name -> short form."""
    layers: Decision[tuple[str, ...]]
    """Folders of `templates/terraform/` that the stack is made of, in order."""
    mode: Decision[str]
    """How the model is hosted: realtime, serverless, async, batch or multi-model."""
    instance_type: Decision[str]
    """Machine that serves; empty: a serverless container."""
    instance_count: Decision[int]
    """Machines of the first deployment; scaling changes it later."""
    volume_size_gib: Decision[int | None]
    """EBS volume of each machine; none: what SageMaker gives, or the machine's own disk."""
    ami_version: Decision[str | None]
    """The hosts' machine image, which has the driver: of an endpoint's hosts, in mode batch of a job's; None: their own."""
    startup_health_check_timeout_seconds: Decision[int]
    """From the start of a container to its first healthy ping, at most."""
    model_download_timeout_seconds: Decision[int]
    """For the download and unpacking of the model, at most."""
    kms: Decision[str]
    """What encrypts at rest: `managed` (a key of the stack), `aws`, or an existing key's ARN."""
    permissions_boundary: Decision[str | None]
    """Policy that bounds every role that is made; none: none."""
    vpc_id: Decision[str | None]
    """Where the containers run; none: SageMaker's own network."""
    subnet_ids: Decision[tuple[str, ...]]
    """Subnets of that VPC; empty: no VPC."""
    isolation: Decision[bool]
    """Whether the containers have no outbound network."""
    log_retention_days: Decision[int]
    """Days that CloudWatch keeps the logs."""
    tags: Decision[Mapping[str, str]]
    """Tags of the manifest, on every resource."""
    provider: Decision[str]
    """Versions of the AWS provider that can make the stack."""
    terraform: Decision[str]
    """Versions of Terraform that can."""
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
    """Service that runs the pipeline."""
    repository: Decision[str]
    """Empty: none."""
    branch: Decision[str]
    """Branch whose pushes are releases."""
    environment: Decision[str]
    """Empty: none."""
    subject: Decision[str]
    """What a token of GitHub must say a run is for, to take the role that deploys."""
    runner: Decision[str]
    """Machine that the pipeline runs on."""
    terraform: Decision[str]
    """Release of Terraform that the pipeline runs."""


@dataclass(frozen=True, slots=True)
class ServerlessPlan:
    """How large a serverless container is, and how many there may be."""

    memory_mib: Decision[int]
    """Memory of the container."""
    max_concurrency: Decision[int]
    """Most invocations at one time."""
    provisioned_concurrency: Decision[int]
    """Invocations that are kept warm."""


@dataclass(frozen=True, slots=True)
class AsyncPlan:
    """How an asynchronous endpoint works its queue off, and who is told."""

    max_concurrent_per_instance: Decision[int]
    """Most invocations at one time on a machine."""
    notify_email: Decision[str | None]
    """Address that is told of answers and failures."""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What a transform job reads and writes, and how it cuts its input into requests."""

    reads: Decision[str | None]
    """Folder in S3 that jobs read; none: one of the stack's bucket."""
    writes: Decision[str | None]
    """Folder in S3 that jobs write; none: one of the stack's bucket."""
    content_type: Decision[str]
    """Content type of the input."""
    split: Decision[str]
    """Whether an object holds a record a line or is one request."""
    strategy: Decision[str]
    """Whether a request holds many records or one."""
    max_concurrent: Decision[int | None]
    """Requests at one time on a machine; none: what the server says."""
    join_input: Decision[bool]
    """Whether each record stands before its prediction."""
    encrypt_volume: Decision[bool]
    """Whether the key of the stack encrypts the machines' volumes, where there is one."""
    timeout_seconds: Decision[int]
    """For one request of a job."""


@dataclass(frozen=True, slots=True)
class ScalingPlan:
    """Between which limits the endpoint grows and shrinks, and what it follows. Times in seconds."""

    min: Decision[int]
    """Fewest machines, or invocations kept warm."""
    max: Decision[int]
    """Most of them."""
    metric: Decision[str]
    """Metric that they follow."""
    target: Decision[float]
    """Value of it that is held."""
    scale_out_cooldown_seconds: Decision[int]
    """Rest after some were added."""
    scale_in_cooldown_seconds: Decision[int]
    """Rest after some were taken away."""
    schedule: Decision[Mapping[str, Mapping[str, Any]]]
    """Other limits at certain times, by name."""


@dataclass(frozen=True, slots=True)
class ShadowPlan:
    """The variant that gets a copy of the requests."""

    instance_type: Decision[str]
    """Its machine."""
    sample_percent: Decision[int]
    """Share of the invocations that it gets a copy of."""


@dataclass(frozen=True, slots=True)
class VariantsPlan:
    """The production variants beside primary."""

    further: Decision[Mapping[str, Mapping[str, Any]]]
    """By name: share of the traffic, machines."""


@dataclass(frozen=True, slots=True)
class ContainersPlan:
    """The containers that requests pass through before and after this model's."""

    before: Decision[tuple[Mapping[str, Any], ...]]
    """Containers that a request passes before this model."""
    after: Decision[tuple[Mapping[str, Any], ...]]
    """Containers that an answer passes after it."""


@dataclass(frozen=True, slots=True)
class RolloutPlan:
    """How an update replaces what runs. Times in seconds."""

    strategy: Decision[str]
    """all-at-once, canary, linear or rolling."""
    step_percent: Decision[int]
    """Share of the machines or of the traffic that a step moves; all-at-once has no steps."""
    wait_seconds: Decision[int]
    """How long the alarms are watched after a step."""
    rollback: Decision[bool]
    """Whether an alarm takes the update back."""
    slow_seconds: Decision[int]
    """A request that takes longer counts as a fault of the release."""


@dataclass(frozen=True, slots=True)
class WatchPlan:
    """Who is told of what, and what of the traffic is kept."""

    alarm_email: Decision[str | None]
    """Address that alarms write to; none: there is a topic to subscribe to."""
    monthly_budget_usd: Decision[float | None]
    """Amount a month of which there are notifications; none: no budget."""
    capture_percent: Decision[int | None]
    """Share of the requests that is kept with its answer; none: none is."""
    capture_retention_days: Decision[int | None]
    """Days after which what was kept is deleted."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All decisions for one project. A subject that the mode or the manifest does not have is None."""

    image: ImagePlan
    model: ModelPlan
    memory: MemoryPlan
    serving: ServingPlan
    names: NamesPlan
    stack: StackPlan
    rollout: RolloutPlan
    watch: WatchPlan
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
