"""The whole road, with `make`, the generated Terraform and a real `docker push`: two releases, a rollback, the end."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.aws.stand_in import StandIn
from tests.release import project
from tests.release.container import Container
from tests.release.project import RECORD, Project
from tests.release.registry import Registry

NAME = "byocgen-flow"
DOCKERFILE = "FROM scratch\nCOPY inference.py /\n"


@pytest.fixture
def flow(
    tmp_path: Path,
    aws: StandIn,
    docker_environment: dict[str, str],
    terraform: str,
    make_project: Callable[..., Path],
) -> Iterator[Project]:
    """A generated project in git, its image small. Its images are taken out of Docker again."""
    del terraform
    git = {f"GIT_{role}_{what}": "flow" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**aws.environment(), **docker_environment, **git, "PATH": os.environ["PATH"]}
    # With keys of AWS: a key of the stack takes the provider 12 s more, and the release flow never names one.
    manifest = f"version: 1\nname: {NAME}\nmodel: {{framework: sklearn}}\nsecurity: {{kms: aws}}\n"
    made = project.with_real_stack(make_project(tmp_path / NAME, manifest), environment)
    made.write("Dockerfile", DOCKERFILE)
    run(made, "git", "init", "--quiet")
    commit(made, "New project")
    yield made
    tags = run(made, "docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}").stdout.split()
    run(made, "docker", "image", "rm", *[tag for tag in tags if tag.rpartition(":")[0].endswith(NAME)])


def run(made: Project, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=made.folder, env=made.environment, capture_output=True, text=True, check=False)


def git(made: Project, *arguments: str) -> str:
    done = run(made, "git", "-c", "core.hooksPath=/dev/null", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(made: Project, message: str) -> str:
    git(made, "add", ".")
    git(made, "commit", "--quiet", "--message", message)
    return git(made, "rev-parse", "HEAD")


def make(made: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = run(made, "make", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def release(made: Project, version: str) -> dict[str, str]:
    """Release `version`, which is in the image and in the model. What is recorded."""
    made.write("inference.py", version)
    made.write("model.tar.gz", project.archive(version))
    done = make(made, "release")
    said = [line for line in done.stdout.splitlines() if not line.startswith((".venv/", "docker build", "  --"))]
    assert ['{"predictions": [0]}'] == said
    record: dict[str, str] = json.loads(made.read(RECORD))
    return record


def served(aws: StandIn) -> dict[str, str]:
    """What the endpoint's configuration names, in the words of the record."""
    sagemaker = aws.client("sagemaker")
    configuration = sagemaker.describe_endpoint(EndpointName=NAME)["EndpointConfigName"]
    variants = sagemaker.describe_endpoint_config(EndpointConfigName=configuration)["ProductionVariants"]
    container = sagemaker.describe_model(ModelName=variants[0]["ModelName"])["PrimaryContainer"]
    return {
        "image_digest": container["Image"].rpartition("@")[2],
        "model_key": container["ModelDataUrl"].split("/", 3)[3],
    }


def left(aws: StandIn) -> dict[str, int]:
    """What of the stack still exists."""
    sagemaker = aws.client("sagemaker")
    return {
        "endpoints": len(sagemaker.list_endpoints(NameContains=NAME)["Endpoints"]),
        "configurations": len(sagemaker.list_endpoint_configs(NameContains=NAME)["EndpointConfigs"]),
        "models": sum(model["ModelName"].startswith(NAME) for model in sagemaker.list_models()["Models"]),
        "repositories": sum(
            repository["repositoryName"] == NAME
            for repository in aws.client("ecr").describe_repositories()["repositories"]
        ),
        "buckets": sum(bucket["Name"].startswith(NAME) for bucket in aws.client("s3").list_buckets()["Buckets"]),
        "roles": sum(role["RoleName"].startswith(NAME) for role in aws.client("iam").list_roles()["Roles"]),
    }


def test_the_road(flow: Project, aws: StandIn, images: Registry, model_container: Container) -> None:
    made = make(flow, "infra")
    assert made.stderr.endswith("the registry, the bucket and the roles exist: `make release` comes next\n")
    assert {"endpoints": 0, "repositories": 1, "buckets": 1} == {
        what: count for what, count in left(aws).items() if what in {"endpoints", "repositories", "buckets"}
    }

    first = release(flow, "one")
    assert first == served(aws)
    assert (NAME, first["image_digest"]) in images.manifests
    commit(flow, "Release one")

    pushed_again = make(flow, "push")
    assert "is in the registry already" in pushed_again.stderr
    assert first == json.loads(flow.read(RECORD))

    second = release(flow, "two")
    assert second == served(aws)
    assert len({*first.values(), *second.values()}) == 4
    bad = commit(flow, "Release two")

    git(flow, "revert", "--no-edit", bad)
    assert first == json.loads(flow.read(RECORD))
    make(flow, "apply", "wait", "smoke")
    assert first == served(aws)
    assert len(model_container.asked) == 3
    assert [] == images.refused

    flow.record(None, None)  # as a revert of the first release leaves it
    done = run(flow, "make", "apply")
    said = f"names no image and no model, so this would delete the endpoint {NAME}: "
    assert (2, True) == (done.returncode, said in done.stderr)
    assert first == served(aws)

    make(flow, "destroy", "YES=1")
    assert dict.fromkeys(left(aws), 0) == left(aws)
    assert {"image_digest": None, "model_key": None} == json.loads(flow.read(RECORD))
    done = run(flow, "make", "smoke")
    assert (2, True) == (
        done.returncode,
        "release: the registry, the bucket and the roles do not exist yet: run `make infra` first" in done.stderr,
    )
