"""What the execution role must be able to do for each mode and feature, and what it must not (the container's contract, IAM).

Rules: every need is granted, every action and resource of the role is there for a need, and nothing of `refused` is granted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.aws.needs import Need, Statement, granted
from tests.aws.stand_in import ACCOUNT_ID
from tests.release import roles

IMAGE = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
DESCRIBED = ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")


@dataclass(frozen=True)
class Role:
    """Whose role it is, and for what: features are called as their layers."""

    name: str
    features: frozenset[str]
    key: str = ""
    region: str = "us-east-1"
    code: str = "use1"
    network: tuple[str, ...] = ()  # vpc-ID, then subnet/ID and security-group/ID

    @property
    def bucket(self) -> str:
        return f"arn:aws:s3:::{self.name}-{self.code}-{ACCOUNT_ID}"

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.region}:{ACCOUNT_ID}:{rest}"

    @property
    def group(self) -> str:
        batch = "batch" in self.features
        return self.arn("logs", f"log-group:/aws/sagemaker/{'TransformJobs' if batch else f'Endpoints/{self.name}'}")


def needs(role: Role) -> Iterator[Need]:
    """What it must be able to do."""
    yield Need("ecr:GetAuthorizationToken", "*")
    yield from (Need(action, role.arn("ecr", f"repository/{role.name}")) for action in IMAGE)
    yield Need("s3:GetObject", f"{role.bucket}/models/1/model.tar.gz")
    yield Need("s3:ListBucket", role.bucket, (("s3:prefix", "models/1"),))
    yield from (Need(action, resource) for action in LOGS for resource in (role.group, f"{role.group}:log-stream:1"))
    namespace = "/aws/sagemaker/TransformJobs" if "batch" in role.features else "/aws/sagemaker/Endpoints"
    yield Need("cloudwatch:PutMetricData", "*", (("cloudwatch:namespace", namespace),))
    if role.key:
        yield Need("kms:Decrypt", role.key)
    if "realtime" in role.features:
        yield Need("cloudwatch:DescribeAlarms", role.arn("cloudwatch", f"alarm:{role.name}-errors"))
    yield from _of_folders(role)
    if "containers" in role.features:
        yield from (Need(action, role.arn("ecr", "repository/prepare")) for action in IMAGE)
    if "artifact" in role.features:
        yield Need("s3:GetObject", "arn:aws:s3:::elsewhere/churn.tar.gz")
        yield Need("s3:ListBucket", "arn:aws:s3:::elsewhere", (("s3:prefix", "churn.tar.gz"),))
    if role.network:
        yield from _of_the_network(role)


def _of_folders(role: Role) -> Iterator[Need]:
    """The folders of the bucket that a mode reads and writes."""
    written, reading = [], []
    if "capture" in role.features:
        written += ["capture/1"]
    if "async" in role.features:
        reading, written = ["async/input/1"], [*written, "async/output/1", "async/failure/1"]
        yield from (Need("sns:Publish", role.arn("sns", f"{role.name}-{kind}")) for kind in ("success", "error"))
    if "batch" in role.features:
        reading, written = ["transform/input/1"], ["transform/output/1"]
        yield Need("s3:ListBucket", role.bucket, (("s3:prefix", "transform/input/"),))
    yield from (Need("s3:GetObject", f"{role.bucket}/{key}") for key in reading)
    yield from (Need("s3:PutObject", f"{role.bucket}/{key}") for key in written)
    if role.key and written:
        yield Need("kms:GenerateDataKey", role.key)


def _of_the_network(role: Role) -> Iterator[Need]:
    vpc, *places = role.network
    interface = role.arn("ec2", "network-interface/eni-1")
    yield from (Need(f"ec2:Describe{name}", "*") for name in DESCRIBED)
    yield Need("ec2:CreateNetworkInterface", interface)
    yield from (Need("ec2:CreateNetworkInterface", role.arn("ec2", place)) for place in places)
    for name in ("CreateNetworkInterfacePermission", "DeleteNetworkInterface", "DeleteNetworkInterfacePermission"):
        yield Need(f"ec2:{name}", interface, (("ec2:Vpc", role.arn("ec2", f"vpc/{vpc}")),))


def refused(role: Role) -> Iterator[Need]:
    """What no execution role may do, whatever its mode."""
    another = "arn:aws:s3:::another"
    yield Need("s3:GetObject", f"{another}/models/1/model.tar.gz")
    yield Need("s3:GetObject", f"{role.bucket}-logs/models/1/model.tar.gz")
    yield Need("s3:GetObject", f"{role.bucket}/capture/1")
    yield Need("s3:ListBucket", another, (("s3:prefix", "models/1"),))
    yield from (Need("s3:ListBucket", role.bucket, context) for context in ((), (("s3:prefix", "capture/"),)))
    yield from (
        Need("s3:PutObject", f"{role.bucket}/{key}") for key in ("models/1", "capture", "async/input/1", "other/1")
    )
    yield from (Need("s3:DeleteObject", f"{role.bucket}/{key}") for key in ("models/1", "capture/1"))
    yield Need("ecr:BatchGetImage", role.arn("ecr", f"repository/{role.name}-2"))
    yield Need("ecr:PutImage", role.arn("ecr", f"repository/{role.name}"))
    yield Need("logs:PutLogEvents", role.arn("logs", "log-group:/aws/lambda/other:log-stream:1"))
    yield Need("cloudwatch:PutMetricData", "*", (("cloudwatch:namespace", "Billing"),))
    yield Need("cloudwatch:DescribeAlarms", role.arn("cloudwatch", "alarm:other"))
    yield from (Need(f"kms:{name}", role.arn("kms", "key/another")) for name in ("Decrypt", "GenerateDataKey"))
    yield Need("sns:Publish", role.arn("sns", "another"))
    yield Need("iam:PassRole", f"arn:aws:iam::{ACCOUNT_ID}:role/{role.name}-{role.code}-execution")
    yield Need("sagemaker:CreateEndpoint", role.arn("sagemaker", f"endpoint/{role.name}"))
    other_vpc = (("ec2:Vpc", role.arn("ec2", "vpc/vpc-other")),)
    yield Need("ec2:DeleteNetworkInterface", role.arn("ec2", "network-interface/eni-1"), other_vpc)
    yield Need("ec2:CreateNetworkInterface", role.arn("ec2", "subnet/subnet-other"))


def hold(role: Role, statements: list[Statement]) -> None:
    """Raise AssertionError where the role's policy grants less or more than that."""
    wanted = list(needs(role))
    assert [need for need in wanted if not granted(need, statements)] == []
    assert roles.needless(statements, wanted) == set()
    assert [need for need in refused(role) if granted(need, statements)] == []
