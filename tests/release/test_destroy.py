"""`destroy`: asks first, takes the endpoint down first, empties what Terraform does not, and forgets the release."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from tests.release.conftest import Stack
from tests.release.project import RECORD, Project, Ran
from tests.release.test_endpoint import MODEL, NEW

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def fill(stack: Stack) -> None:
    """Two versions of a model, a deleted one, and 101 images: more than one call can delete."""
    s3, ecr = stack.client("s3"), stack.client("ecr")
    for body in (b"1", b"2"):
        s3.put_object(Bucket=stack.bucket, Key="models/a/model.tar.gz", Body=body)
    s3.delete_object(Bucket=stack.bucket, Key="models/a/model.tar.gz")
    for number in range(101):
        text = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "number": number})
        ecr.put_image(
            repositoryName=stack.name,
            imageManifest=text,
            imageManifestMediaType=MANIFEST,
            imageTag=str(number),
            imageDigest=f"sha256:{number:064}",
        )
    stack.project.record(NEW, MODEL)


def left(stack: Stack) -> tuple[int, int]:
    """How many versions and images there are."""
    found: dict[str, Any] = stack.client("s3").list_object_versions(Bucket=stack.bucket)
    images = stack.client("ecr").list_images(repositoryName=stack.name)["imageIds"]
    return len(found.get("Versions", [])) + len(found.get("DeleteMarkers", [])), len(images)


def with_endpoint(stack: Stack) -> None:
    stack.project.tell(endpoint_arn=f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{stack.name}")


def test_destroy_without_a_question(stack: Stack) -> None:
    fill(stack)
    with_endpoint(stack)
    assert Ran(0, "", "") == stack.project.release("destroy", "--yes")
    assert ["init", "plan", "apply", "destroy"] == stack.project.calls()
    assert (0, 0) == left(stack)
    assert {"image_digest": None, "model_key": None} == json.loads(stack.project.read(RECORD))


def test_destroy_before_the_first_release(stack: Stack) -> None:
    assert Ran(0, "", "") == stack.project.release("destroy", "--yes")
    assert ["init", "destroy"] == stack.project.calls()


def test_nothing_is_emptied_while_the_endpoint_stands(stack: Stack) -> None:
    fill(stack)
    with_endpoint(stack)
    said = "terraform says why\nrelease: terraform apply failed with exit status 3; what it said is above\n"
    assert Ran(3, "", said) == stack.project.release("destroy", "--yes", FAIL_AT="apply")
    assert (3, 101) == left(stack)


def test_destroy_once_more_after_it_stopped_half_way(stack: Stack) -> None:
    stack.client("s3").delete_bucket(Bucket=stack.bucket)
    stack.client("ecr").delete_repository(repositoryName=stack.name)
    assert Ran(0, "", "") == stack.project.release("destroy", "--yes")


def test_destroy_when_nothing_is_applied(stack: Stack) -> None:
    stack.project.write("bin/outputs.json", "{}")
    stack.project.record(NEW, MODEL)
    assert Ran(0, "", "") == stack.project.release("destroy", "--yes")
    assert ["init", "destroy"] == stack.project.calls()
    assert {"image_digest": None, "model_key": None} == json.loads(stack.project.read(RECORD))


def test_nobody_to_ask(stack: Stack) -> None:
    expected = Ran(2, "", "release: destroying needs a terminal to ask on: `make destroy YES=1` does not ask\n")
    assert expected == stack.project.release("destroy")
    assert [] == stack.project.calls()


@pytest.mark.parametrize(
    ("typed", "status", "message", "calls"),
    [
        ("{name}\n", 0, "", ["init", "destroy"]),
        ("y\n", 2, "release: nothing was destroyed: the name was not typed\n", []),
        ("\x04", 2, "release: nothing was destroyed: the name was not typed\n", []),
    ],
)
def test_the_question(stack: Stack, typed: str, status: int, message: str, calls: list[str]) -> None:
    question = (
        "This deletes the endpoint, every image and every model version in 123456789012, us-east-1. "
        f"Type {stack.name} to go on: "
    )
    assert Ran(status, "", question + message) == stack.project.typed(typed.format(name=stack.name), "destroy")
    assert calls == stack.project.calls()


WAITING = """\
#!/bin/sh
trap 'sleep 1; echo "terraform saved its state" >&2; exit 1' INT
[ "$2" = output ] && exec cat "$(dirname "$0")/outputs.json"
echo ready  # on stdout, which for an apply is no data
while :; do sleep 0.1; done
"""


def interrupted(made: Project, *arguments: str) -> Ran:
    """Press Ctrl-C as a terminal does, which signals the whole group, once terraform runs."""
    with subprocess.Popen(
        [sys.executable, "-m", "release", *arguments],
        cwd=made.folder,
        env=made.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        os.killpg(process.pid, signal.SIGINT)
        stdout, stderr = process.communicate()
    return Ran(process.returncode, stdout, stderr)


def test_an_interrupted_apply_lets_terraform_end(stack: Stack) -> None:
    (stack.project.folder / "bin" / "terraform").write_text(WAITING, encoding="utf-8")
    expected = Ran(130, "", "terraform saved its state\nrelease: interrupted\n")
    assert expected == interrupted(stack.project, "apply")
