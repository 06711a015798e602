"""What the tests of the release flow share: one registry, one AWS stand-in and one container for all of them."""

import functools
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.aws import stand_in
from tests.aws.stand_in import ACCOUNT_ID, StandIn
from tests.release import answers, container, project, registry
from tests.release.container import Container
from tests.release.project import Project
from tests.release.registry import Registry

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def docker_environment(docker: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a Docker that runs, for a project whose PATH has none."""
    return {"PATH": str(Path(docker).parent), **project.docker_environment(tmp_path_factory.mktemp("docker"))}


@pytest.fixture(scope="session")
def images() -> Iterator[Registry]:
    with registry.started() as started:
        yield started


@pytest.fixture(scope="session")
def _model_container() -> Iterator[Container]:
    with container.started() as started:
        yield started


@pytest.fixture
def model_container(_model_container: Container) -> Container:
    """The container behind every endpoint, answering with a prediction until a test says otherwise."""
    _model_container.status, _model_container.body = 200, b'{"predictions": [0]}'
    _model_container.asked.clear()
    return _model_container


@pytest.fixture(scope="session")
def aws(images: Registry, _model_container: Container) -> Iterator[StandIn]:
    with stand_in.started(registry=images.address, container=_model_container.url) as started:
        yield started


@functools.cache
def _client(aws: StandIn, service: str) -> Any:
    """Making a client takes a fifth of a second, most of it for reading the service's model."""
    return aws.client(service)


@dataclass(frozen=True)
class Stack:
    """A stack as `make infra` leaves it, made without Terraform, and its project."""

    name: str
    aws: StandIn
    project: Project

    @property
    def bucket(self) -> str:
        return f"{self.name}-use1-{ACCOUNT_ID}"

    def client(self, service: str) -> Any:
        return _client(self.aws, service)

    def deploy(self, image: str, model_key: str) -> None:
        """What an apply with this release makes."""
        sagemaker, name = self.client("sagemaker"), self.name
        sagemaker.create_model(
            ModelName=name,
            ExecutionRoleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/{name}",
            PrimaryContainer={"Image": image, "ModelDataUrl": f"s3://{self.bucket}/{model_key}"},
        )
        variant = {
            "VariantName": "primary",
            "ModelName": name,
            "InstanceType": "ml.m5.xlarge",
            "InitialInstanceCount": 1,
        }
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)


@pytest.fixture
def stack(tmp_path: Path, aws: StandIn, images: Registry) -> Stack:
    name = f"case-{next(_NUMBERS)}"
    _client(aws, "ecr").create_repository(repositoryName=name)
    s3 = _client(aws, "s3")
    s3.create_bucket(Bucket=f"{name}-use1-{ACCOUNT_ID}")
    versioned = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket=f"{name}-use1-{ACCOUNT_ID}", VersioningConfiguration=versioned)
    made = project.with_fake_terraform(tmp_path, aws.environment(), project.outputs(name, images.address))
    return Stack(name, aws, made)


@pytest.fixture
def without_aws(tmp_path: Path) -> Callable[..., Project]:
    """A project whose AWS is at the given address."""

    def make(url: str) -> Project:
        environment = StandIn(url).environment()
        return project.with_fake_terraform(tmp_path, environment, project.outputs("churn", "registry.example"))

    return make


@pytest.fixture
def identified(without_aws: Callable[..., Project]) -> Iterator[Project]:
    """A project whose AWS knows the credentials and nothing else."""
    with answers.started({}) as url:
        yield without_aws(url)
