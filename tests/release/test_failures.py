"""What can go wrong before anything is deployed: one line that says what to change, exit status 2, and no traceback."""

import json
from collections.abc import Callable

import pytest
from tests.release import answers, project
from tests.release.answers import Answer
from tests.release.conftest import Stack
from tests.release.project import RECORD, Project, Ran
from tests.release.registry import Content, Registry

PUSH = ("push", "--image", "churn:local", "--platform", "linux/amd64")
INSPECTED = json.dumps([{"Id": f"sha256:{'ab' * 32}", "Os": "linux", "Architecture": "amd64"}])
NOWHERE = "http://127.0.0.1:1"


def fake_docker(made: Project, script: str) -> None:
    project.executable(made, "bin/docker", f"#!/bin/sh\n{script}\n")


def failed(message: str, status: int = 2) -> Ran:
    return Ran(status, "", f"release: {message}\n")


@pytest.mark.parametrize("command", [PUSH, ("plan",), ("smoke",), ("destroy", "--yes")])
def test_without_terraform(without_aws: Callable[..., Project], command: tuple[str, ...]) -> None:
    made = without_aws(NOWHERE)
    made.write("model.tar.gz", project.archive("a"))
    (made.folder / "bin" / "terraform").unlink()
    expected = failed(
        "terraform is not on PATH: install Terraform 1.9 or newer: https://developer.hashicorp.com/terraform/install"
    )
    assert expected == made.release(*command, PATH=str(made.folder / "bin"))


def test_without_docker(identified: Project) -> None:
    made = identified
    expected = failed("docker is not on PATH: install Docker: https://docs.docker.com/engine/install/")
    (made.folder / "bin" / "terraform").write_text(f"#!/bin/sh\n/bin/cat {made.folder}/bin/outputs.json\n")
    assert expected == made.release(*PUSH, PATH=str(made.folder / "bin"))


def test_docker_is_not_running(identified: Project) -> None:
    made = identified
    fake_docker(
        made, "echo 'Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?' >&2; exit 1"
    )
    expected = failed(
        "docker does not answer (Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?): "
        "start Docker, or check DOCKER_HOST"
    )
    assert expected == made.release(*PUSH)


def test_no_image_was_built(identified: Project, docker_environment: dict[str, str]) -> None:
    made = identified
    path = f"{made.folder / 'bin'}:{docker_environment['PATH']}:/usr/bin:/bin"
    expected = failed("there is no image byocgen/never:built: run `make build` first")
    command = ("push", "--image", "byocgen/never:built", "--platform", "linux/amd64")
    assert expected == made.release(*command, **{**docker_environment, "PATH": path})


def test_an_image_of_another_platform(identified: Project) -> None:
    made = identified
    fake_docker(made, f"echo '{INSPECTED}'")
    expected = failed("churn:local is built for linux/amd64, the endpoint needs linux/arm64: run `make build`")
    assert expected == made.release("push", "--image", "churn:local", "--platform", "linux/arm64")


@pytest.mark.parametrize("command", [PUSH, ("upload",), ("wait",), ("smoke",)])
def test_before_infra(identified: Project, command: tuple[str, ...]) -> None:
    made = identified
    made.write("bin/outputs.json", "{}")
    made.write("model.tar.gz", project.archive("a"))
    expected = failed("the registry, the bucket and the roles do not exist yet: run `make infra` first")
    assert expected == made.release(*command)


def test_state_that_cannot_be_read(identified: Project) -> None:
    made = identified
    made.write("model.tar.gz", project.archive("a"))
    box = "╷\n│ Error: Failed to load state\n│ \n│ no access to the bucket\n╵\n"
    project.executable(made, "bin/terraform", f"#!/bin/sh\necho '{box}' >&2\nexit 1\n")
    expected = failed("terraform output failed: Error: Failed to load state no access to the bucket", 1)
    assert expected == made.release("upload")


def test_no_model_archive(without_aws: Callable[..., Project]) -> None:
    expected = failed("model.tar.gz does not exist: run `make model` first")
    assert expected == without_aws(NOWHERE).release("upload")


def test_a_model_archive_that_is_none(without_aws: Callable[..., Project]) -> None:
    made = without_aws(NOWHERE)
    made.write("model.tar.gz", "PK, a zip file")
    expected = failed("model.tar.gz is not a gzip archive, which SageMaker needs: run `make model`")
    assert expected == made.release("upload")


def test_no_payload(stack: Stack) -> None:
    (stack.project.folder / "payload.json").unlink()
    expected = failed("payload.json does not exist: write a request that the model accepts into it")
    assert expected == stack.project.release("smoke")


@pytest.mark.parametrize("command", ["wait", "smoke"])
@pytest.mark.parametrize("digest", [None, f"sha256:{'0' * 64}"])
def test_nothing_is_released(identified: Project, command: str, digest: str | None) -> None:
    made = identified
    made.record(digest, None)
    expected = failed("nothing is released yet, so there is no endpoint: run `make release` first")
    assert expected == made.release(command)


RESTORE = f"restore it with `git checkout -- {RECORD}`"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, f"{RECORD} does not exist: {RESTORE}"),
        ("", f"{RECORD} is not JSON (Expecting value: line 1 column 1 (char 0)): {RESTORE}"),
        ("[]", f"{RECORD} is not a JSON object: {RESTORE}"),
    ],
)
def test_a_record_that_cannot_be_read(stack: Stack, text: str | None, message: str) -> None:
    made = stack.project
    (made.folder / RECORD).unlink()
    if text is not None:
        made.write(RECORD, text)
    made.write("model.tar.gz", project.archive("a"))
    for command in (("wait",), ("upload",), PUSH):
        assert failed(message) == made.release(*command)


UNREACHABLE = "AWS cannot be reached (Could not connect to the endpoint URL:"
NO_CREDENTIALS = "no AWS credentials were found: run `aws configure` or `aws sso login`, or set AWS_PROFILE"
WITHOUT_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (WITHOUT_CREDENTIALS, NO_CREDENTIALS),
        (
            {"AWS_PROFILE": "nobody"},
            "The config profile (nobody) could not be found: set AWS_PROFILE to a profile of ~/.aws/config",
        ),
        (
            {},
            f'{UNREACHABLE} "{NOWHERE}/"): check the network, a proxy, and AWS_ENDPOINT_URL where it is set',
        ),
    ],
)
def test_credentials_and_network(
    without_aws: Callable[..., Project], environment: dict[str, str], message: str
) -> None:
    made = without_aws(NOWHERE)
    made.write("model.tar.gz", project.archive("a"))
    assert failed(message) == made.release("upload", **environment)


@pytest.mark.parametrize(
    "command",
    [("infra",), ("plan",), ("apply",), ("apply", "--yes"), ("destroy",), ("destroy", "--yes"), PUSH, ("upload",),
     ("wait",), ("smoke",)],
)  # fmt: skip
def test_terraform_does_not_run_without_credentials(identified: Project, command: tuple[str, ...]) -> None:
    made = identified
    made.write("model.tar.gz", project.archive("a"))
    assert failed(NO_CREDENTIALS) == made.release(*command, **WITHOUT_CREDENTIALS)
    assert "" == made.read("bin/calls")


@pytest.mark.parametrize("region", [{}, {"AWS_DEFAULT_REGION": "eu-west-3"}])
def test_without_a_terraform_tfvars_the_region_of_boto3_counts(identified: Project, region: dict[str, str]) -> None:
    made = identified
    (made.folder / "terraform" / "terraform.tfvars").unlink()
    expected = Ran(0, "", "") if region else failed("AWS settings: You must specify a region.")
    assert expected == made.release("plan", **region)


OTHER_ACCOUNT = "these credentials are of account 999999999999, the stack is in 123456789012"
DENIED = "User: arn:aws:iam::123456789012:user/someone is not authorized to perform: ecr:DescribeImages"


@pytest.mark.parametrize(
    ("operation", "answer", "message"),
    [
        (
            answers.IDENTITY,
            Answer({"Message": "The security token included in the request is expired"}, "ExpiredToken"),
            "the AWS credentials have expired: run `aws sso login`, or renew the keys",
        ),
        (
            answers.IDENTITY,
            Answer({"Message": "The security token included in the request is invalid."}, "InvalidClientTokenId"),
            "AWS does not know these credentials (InvalidClientTokenId): check AWS_PROFILE and the AWS_* variables",
        ),
        (
            answers.IDENTITY,
            Answer({"Account": "999999999999"}),
            f"{OTHER_ACCOUNT}: set AWS_PROFILE to a profile of that account",
        ),
        (
            "DescribeImages",
            Answer({"message": DENIED}, "AccessDeniedException"),
            f"access denied for DescribeImages: {DENIED}; grant this to the role or user that releases",
        ),
        (
            "DescribeImages",
            Answer({"message": "The repository\nis gone"}, "RepositoryNotFoundException"),
            "DescribeImages failed: RepositoryNotFoundException: The repository is gone",
        ),
    ],
)
def test_aws_refuses(without_aws: Callable[..., Project], operation: str, answer: Answer, message: str) -> None:
    with answers.started({operation: [answer]}) as url:
        made = without_aws(url)
        fake_docker(made, f"echo '{INSPECTED}'")
        assert failed(message) == made.release(*PUSH)


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
    ],
)
def test_an_image_that_sagemaker_refuses(stack: Stack, images: Registry, media_type: str) -> None:
    fake_docker(stack.project, f"[ $1 = image ] && echo '{INSPECTED}'")
    images.put(stack.name, f"sha-{'ab' * 8}", Content(media_type, b"{}"))
    name = f"{images.address}/{stack.name}:sha-{'ab' * 8}"
    expected = Ran(
        2,
        "",
        f"{name} is in the registry already\n"
        f"release: {name} is {media_type}, which SageMaker refuses: "
        "build it with `make build`, which makes one Docker image without provenance and SBOM\n",
    )
    before = stack.project.read(RECORD)
    assert expected == stack.project.release(*PUSH)
    assert before == stack.project.read(RECORD)


def test_a_login_that_is_refused(stack: Stack, images: Registry) -> None:
    fake_docker(stack.project, f"[ $1 = image ] && echo '{INSPECTED}' || {{ echo 'denied: no' >&2; exit 1; }}")
    assert failed(f"docker login to {images.address} failed: denied: no") == stack.project.release(*PUSH)


def test_a_push_that_fails(stack: Stack, images: Registry) -> None:
    fake_docker(
        stack.project, f"case $1 in image) echo '{INSPECTED}' ;; push) echo 'no space left' >&2; exit 1 ;; esac"
    )
    name = f"{images.address}/{stack.name}:sha-{'ab' * 8}"
    said = f"release: docker push did not bring {name} into the registry; what it said is above\n"
    assert Ran(2, "", f"no space left\n{said}") == stack.project.release(*PUSH)
