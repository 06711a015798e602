"""The image: from the local Docker to the registry of each region, and its digest into the record.

Rules: tags are immutable and made of the image's content, so pushing the same image twice is the same as pushing it
once. The digest is the registry's answer: what Docker calls the image's id is something else. It is one in all regions.
"""

import base64
import json
import sys
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from . import arrival, process, record, stack
from .aws import Account
from .failures import ReleaseError
from .stack import Stack

# SageMaker's CreateModel takes no other: its answer to OCI indexes and OCI manifests is "Unsupported manifest media
# type" (mlflow issue 13834, amazon-sagemaker-feedback issue 180).
ACCEPTED = "application/vnd.docker.distribution.manifest.v2+json"


@dataclass(frozen=True)
class Pushed:
    """An image as the registry knows it."""

    digest: str
    media_type: str


def push(image: str, platform: str) -> None:
    """Bring `image`, built for `platform` (linux/amd64, say), into every registry, and record its digest."""
    record.read()  # a record that cannot be written is no surprise to have after a long push
    digest = bring(image, platform)
    record.write({"image_digest": digest})
    print(f"image {digest} is in {record.FILE}: commit it with the release", file=sys.stderr)


def bring(image: str, platform: str) -> str:
    """Push an image unless a registry has it; give its digest."""
    home, *others = stack.require()
    tag = f"sha-{_local_id(image, platform).removeprefix('sha256:')[:16]}"
    digest, new = _bring(image, tag, home)
    for target in others:
        if new and stack.replicated("images"):  # what was there before its rule is never copied
            arrival.wait(f"{target.repository_url}@{digest}", partial(_arrived, target, digest))
        elif _bring(image, tag, target)[0] != digest:
            raise ReleaseError(
                f"{target.repository_url}:{tag} is another image than in {home.region}: this docker packs layers anew for each "
                "registry; write `replication: {images: ecr}` into byocgen.yaml, and ECR copies it"
            )
    return digest


def _bring(image: str, tag: str, target: Stack) -> tuple[str, bool]:
    """Push the image to one registry unless it has it. Its digest there, and whether it was pushed."""
    ecr = Account(target).client("ecr")
    pushed = _find(ecr, target, tag)
    new = pushed is None
    if pushed is None:
        _upload(ecr, target, image, tag)
        pushed = _find(ecr, target, tag)
        if pushed is None:
            raise ReleaseError(
                f"docker push did not bring {target.repository_url}:{tag} into the registry; what it said is above"
            )
    else:
        print(f"{target.repository_url}:{tag} is in the registry already", file=sys.stderr)
    if pushed.media_type != ACCEPTED:
        raise ReleaseError(
            f"{target.repository_url}:{tag} is {pushed.media_type}, which SageMaker refuses: "
            "build it with `make build`, which makes one Docker image without provenance and SBOM"
        )
    return pushed.digest, new


def _arrived(target: Stack, digest: str) -> bool:
    return _describe(Account(target).client("ecr"), target, {"imageDigest": digest}) is not None


def require(account: Account, target: Stack, digest: str) -> None:
    """An error when the registry has no such image: a release that was rolled back too far."""
    if _describe(account.client("ecr"), target, {"imageDigest": digest}) is None:
        raise ReleaseError(
            f"{target.repository_url} has no image {digest}, which {record.FILE} names: "
            "`make build push` releases a new one, or revert to a release whose image is still there"
        )


def _local_id(image: str, platform: str) -> str:
    done = process.capture(["docker", "image", "inspect", image])
    if done.status and "no such image" in done.stderr.lower():
        raise ReleaseError(f"there is no image {image}: run `make build` first")
    if done.status:
        raise ReleaseError(f"docker does not answer ({done.last_words}): start Docker, or check DOCKER_HOST")
    found = json.loads(done.stdout)[0]
    built_for = f"{found['Os']}/{found['Architecture']}"
    if built_for != platform:
        raise ReleaseError(f"{image} is built for {built_for}, the endpoint needs {platform}: run `make build`")
    return str(found["Id"])


def _find(ecr: Any, target: Stack, tag: str) -> Pushed | None:
    return _describe(ecr, target, {"imageTag": tag})


def _describe(ecr: Any, target: Stack, reference: dict[str, str]) -> Pushed | None:
    try:
        [found] = ecr.describe_images(repositoryName=target.repository, imageIds=[reference])["imageDetails"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ImageNotFoundException":
            return None
        raise
    return Pushed(found["imageDigest"], found["imageManifestMediaType"])


def _upload(ecr: Any, target: Stack, image: str, tag: str) -> None:
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    user, password = base64.b64decode(token).decode().split(":", 1)
    login = process.capture(
        ["docker", "login", "--username", user, "--password-stdin", target.registry], stdin=password
    )
    if login.status:
        raise ReleaseError(f"docker login to {target.registry} failed: {login.last_words}")
    name = f"{target.repository_url}:{tag}"
    tagged = process.capture(["docker", "image", "tag", image, name])
    if tagged.status:
        raise ReleaseError(f"docker image tag failed: {tagged.last_words}")
    process.show(["docker", "push", name])  # whether it worked is for the registry to say
