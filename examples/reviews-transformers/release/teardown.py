"""The end of a stack: the endpoint first, then what Terraform does not delete by itself, then the rest.

Rules: nothing is deleted before the name was typed or `--yes` given. The endpoint goes before its image and model, so
that a destroy that stops half-way leaves nothing running that could not start again.
"""

import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from . import consent, record, stack
from .aws import Account
from .failures import ReleaseError
from .stack import Stack

_GONE = {"NoSuchBucket", "RepositoryNotFoundException"}  # by an earlier destroy that stopped half-way
_AT_ONCE = {"s3": 1000, "ecr": 100}  # limits of DeleteObjects and BatchDeleteImage


def confirm() -> None:
    """Ask for the endpoint's name; anything else is an error, and so is nobody to ask."""
    _confirm(stack.find())


def _confirm(targets: Sequence[Stack]) -> None:
    name, place = "destroy", ""
    if targets:
        regions = " and ".join(target.region for target in targets)
        name, place = targets[0].endpoint_name, f" in {targets[0].account_id}, {regions}"
    consent.ask(
        f"This deletes the endpoint, every image and every model version{place}.",
        name,
        nobody="destroying needs a terminal to ask on: `make destroy YES=1` does not ask",
        refused="nothing was destroyed: the name was not typed",
    )


def destroy() -> None:
    """Delete everything that the stack made, and record that nothing is released."""
    targets = stack.find()
    for target in targets:
        Account(target)  # whose credentials these are is known before anything changes
    record.reset()
    if any(target.endpoint_arn is not None for target in targets):
        stack.apply()  # with nothing released the endpoint goes, the registry and the bucket stay
    for target in targets:
        _empty(target)
    stack.destroy()


def leave(region: str, *, sure: bool) -> None:
    """Delete everything in one region and keep the others, before that region goes from the manifest.

    Terraform needs the region's provider to delete what is there, so it cannot be done afterwards.
    """
    home, *others = stack.require()
    target = next((one for one in others if one.region == region), None)
    if target is None:
        names = ", ".join(one.region for one in others) or "there is none"
        raise ReleaseError(f"{region} is no further region of this stack, beside {home.region}: {names}")
    if not sure:
        _confirm([target])
    Account(target)
    kept = [one.region for one in (home, *others) if one is not target and one.endpoint_arn is not None]
    stack.apply(kept)
    _empty(target)
    stack.destroy(f"-target=module.{target.region_code}")
    print(
        f"nothing is left in {region}: take it from byocgen.yaml, run `byocgen sync` and `make apply`", file=sys.stderr
    )


def _empty(target: Stack) -> None:
    """Delete what Terraform does not: every model version and every image, once no endpoint needs them."""
    account = Account(target)
    for empty, service in ((_empty_bucket, "s3"), (_empty_repository, "ecr")):
        try:
            empty(account.client(service), target)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                raise


def _empty_bucket(s3: Any, target: Stack) -> None:
    bucket = {"Bucket": target.bucket, "ExpectedBucketOwner": target.account_id}
    pages = s3.get_paginator("list_object_versions").paginate(**bucket)
    found = (entry for page in pages for kind in ("Versions", "DeleteMarkers") for entry in page.get(kind, []))
    versions = ({"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in found)
    for some in _batches(versions, _AT_ONCE["s3"]):
        answer = s3.delete_objects(**bucket, Delete={"Objects": some, "Quiet": True})
        for error in answer.get("Errors", []):
            key = f"s3://{target.bucket}/{error['Key']}"
            raise ReleaseError(f"{key} cannot be deleted: {error['Code']}: {error['Message']}")


def _empty_repository(ecr: Any, target: Stack) -> None:
    """Images that a manifest list names can be deleted after it only: go on while anything was deleted."""
    pages = ecr.get_paginator("list_images")
    while found := {
        image["imageDigest"] for page in pages.paginate(repositoryName=target.repository) for image in page["imageIds"]
    }:
        failures = []
        for some in _batches(({"imageDigest": digest} for digest in sorted(found)), _AT_ONCE["ecr"]):
            failures += ecr.batch_delete_image(repositoryName=target.repository, imageIds=some)["failures"]
        if len(failures) >= len(found):
            first = failures[0]
            raise ReleaseError(f"{target.repository_url}: {first['failureCode']}: {first['failureReason']}")


def _batches(values: Iterator[dict[str, str]], size: int) -> Iterator[list[dict[str, str]]]:
    while some := list(islice(values, size)):
        yield some
