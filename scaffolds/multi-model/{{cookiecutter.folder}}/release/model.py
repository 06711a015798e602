"""The models of a multi-model endpoint: every archive of the folder goes below one address in the bucket of each region.

Rules: callers name a model by its archive's name. An archive that lies there is never overwritten: a machine that has
loaded it would go on serving the old one, so a changed model gets a name of its own, such as churn-2.tar.gz.
"""

import hashlib
import sys
import tomllib
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from . import record, stack
from .aws import Account
from .failures import ReleaseError
from .stack import Stack

ARCHIVE = "model.tar.gz"
FOLDER = "all/"
_GZIP = b"\x1f\x8b"
_HASH = "sha256"


def archives() -> list[Path]:
    """The archives of the folder that release.toml names; without one, the sample model alone."""
    settings = tomllib.loads((record.ROOT / "release.toml").read_text(encoding="utf-8"))
    folder = settings["artifact"]
    found = sorted((record.ROOT / folder).glob("*.tar.gz")) if folder else [record.ROOT / ARCHIVE]
    if not found or not found[0].exists():
        what = f"{folder} holds no .tar.gz" if folder else f"{ARCHIVE} does not exist: run `make model` first"
        raise ReleaseError(what)
    return found


def upload() -> None:
    """Upload each archive to each bucket that lacks it, and record the address of all."""
    record.read()  # a record that cannot be written is no surprise to have after a long upload
    hashes = {path: _checksum(path) for path in archives()}
    targets = stack.require()
    key = f"{targets[0].model_prefix}{FOLDER}"
    for target in targets:
        s3 = Account(target).client("s3")
        for path, checksum in hashes.items():
            _bring(s3, target, path, f"{key}{path.name}", checksum)
    record.write({"model_key": key})
    print(f"models {key} are in {record.FILE}: commit it with the release", file=sys.stderr)


def require(account: Account, target: Stack, key: str) -> None:
    """An error when the bucket has no such archive at all."""
    found = account.client("s3").list_objects_v2(
        Bucket=target.bucket, Prefix=key, MaxKeys=1, ExpectedBucketOwner=target.account_id
    )
    if not found["KeyCount"]:
        url = target.model_url(key)
        raise ReleaseError(f"there is no model below {url}, and {record.FILE} names it: run `make upload`")


def _bring(s3: Any, target: Stack, path: Path, key: str, checksum: str) -> None:
    url, stored = target.model_url(key), _stored_hash(s3, target, key)
    if stored == checksum:
        print(f"{url} is there already", file=sys.stderr)
        return
    if stored is not None:
        raise ReleaseError(
            f"{url} is another model than {path.name} here: give the changed one a name of its own, because a machine "
            "that has loaded the old one would go on serving it"
        )
    print(f"uploading {path.stat().st_size / 1e6:.1f} MB to {url}", file=sys.stderr)
    extra = {"ExpectedBucketOwner": target.account_id, "Metadata": {_HASH: checksum}}
    with path.open("rb") as file:
        s3.upload_fileobj(file, target.bucket, key, ExtraArgs=extra)


def _checksum(archive: Path) -> str:
    with archive.open("rb") as file:
        if file.read(2) != _GZIP:
            raise ReleaseError(f"{archive.name} is not a gzip archive, which SageMaker needs")
        file.seek(0)
        return hashlib.file_digest(file, _HASH).hexdigest()


def _stored_hash(s3: Any, target: Stack, key: str) -> str | None:
    """The hash that an object was uploaded with; empty where something else brought it, None where there is none."""
    try:
        found = s3.head_object(Bucket=target.bucket, Key=key, ExpectedBucketOwner=target.account_id)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchKey"}:
            return None
        raise
    return str(found["Metadata"].get(_HASH, ""))
