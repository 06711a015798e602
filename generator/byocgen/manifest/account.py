"""What the manifest says of the account around an endpoint: regions, network, keys, watching, money, pipelines.

Rules: as in `model`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from byocgen.manifest.kinds import (
    CONFIG,
    BranchName,
    Email,
    EnvironmentOfPipeline,
    KmsKey,
    LogRetention,
    PolicyArn,
    RepositoryName,
    SubnetId,
    VpcId,
)


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
