"""The model lies in S3 already, where release.toml says: an archive, or a folder of plain files.

Rules: it is looked for and its address recorded; nothing is copied. SageMaker reads it when a machine starts, so a model
that changes gets an address of its own: what lies at a recorded address must stay as it is.
"""

import sys
import tomllib
from typing import Any

from botocore.exceptions import ClientError

from . import record, stack
from .aws import Account
from .failures import ReleaseError
from .stack import Stack


def artifact() -> str:
    """The model's address."""
    settings = tomllib.loads((record.ROOT / "release.toml").read_text(encoding="utf-8"))
    return str(settings["artifact"])


def upload() -> None:
    """Find the model, and record its address."""
    record.read()
    url = bring()
    record.write({"model_key": url})
    print(f"model {url} is in {record.FILE}: commit it with the release", file=sys.stderr)


def bring() -> str:
    """Look for the model; give its address."""
    url = artifact()
    for target in stack.require():
        _look(Account(target).client("s3"), url)
    return url


def require(account: Account, target: Stack, key: str) -> None:
    """An error when it is gone."""
    _look(account.client("s3"), target.model_url(key))


def split(url: str) -> tuple[str, str]:
    """Bucket and key of an address."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key


def _look(s3: Any, url: str) -> None:
    bucket, key = split(url)
    try:
        found = bool(s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)["KeyCount"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
        found = False
    if not found:
        raise ReleaseError(f"there is no {url}: put the model there, or name another in model.artifact of byocgen.yaml")
