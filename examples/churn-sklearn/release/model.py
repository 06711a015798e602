"""The model archive: from `model.tar.gz` to the bucket of each region, and its key into the record.

Rules: the key is the archive's SHA-256, so an archive is never overwritten and the same one is uploaded once. The
bucket's default encryption applies: no encryption header is sent.
"""

import hashlib
import sys
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from . import arrival, record, stack
from .aws import Account
from .failures import ReleaseError
from .stack import Stack

ARCHIVE = "model.tar.gz"
_GZIP = b"\x1f\x8b"


def upload() -> None:
    """Bring the archive into every bucket, and record its key."""
    record.read()  # a record that cannot be written is no surprise to have after a long upload
    key = bring()
    record.write({"model_key": key})
    print(f"model {key} is in {record.FILE}: commit it with the release", file=sys.stderr)


def bring() -> str:
    """Upload the archive to each bucket that lacks it; give its key."""
    archive = record.ROOT / ARCHIVE
    checksum = _checksum(archive)
    home, *others = stack.require()
    key = f"{home.model_prefix}{checksum}/{ARCHIVE}"
    new = _bring(archive, home, key)
    for target in others:
        if new and stack.replicated("models"):  # what was there before its rule is never copied
            arrival.wait(target.model_url(key), partial(_arrived, archive, target, key))
        else:
            _bring(archive, target, key)
    return key


def _bring(archive: Path, target: Stack, key: str) -> bool:
    """Upload the archive to one bucket unless it has it; whether it was uploaded."""
    s3, url = Account(target).client("s3"), target.model_url(key)
    if _stored_size(s3, target, key) == archive.stat().st_size:
        print(f"{url} is there already", file=sys.stderr)
        return False
    print(f"uploading {archive.stat().st_size / 1e6:.1f} MB to {url}", file=sys.stderr)
    with archive.open("rb") as file:
        s3.upload_fileobj(file, target.bucket, key, ExtraArgs={"ExpectedBucketOwner": target.account_id})
    return True


def _arrived(archive: Path, target: Stack, key: str) -> bool:
    return _stored_size(Account(target).client("s3"), target, key) == archive.stat().st_size


def require(account: Account, target: Stack, key: str) -> None:
    """An error when the bucket has no such archive: a release that was rolled back too far."""
    if _stored_size(account.client("s3"), target, key) is None:
        raise ReleaseError(
            f"{target.model_url(key)} does not exist, and {record.FILE} names it: "
            "`make model upload` releases a new one, or revert to a release whose model is still there"
        )


def _checksum(archive: Path) -> str:
    try:
        with archive.open("rb") as file:
            if file.read(2) != _GZIP:
                raise ReleaseError(f"{ARCHIVE} is not a gzip archive, which SageMaker needs: run `make model`")
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise ReleaseError(f"{ARCHIVE} does not exist: run `make model` first") from None


def _stored_size(s3: Any, target: Stack, key: str) -> int | None:
    try:
        found = s3.head_object(Bucket=target.bucket, Key=key, ExpectedBucketOwner=target.account_id)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchKey"}:
            return None
        raise
    return int(found["ContentLength"])
