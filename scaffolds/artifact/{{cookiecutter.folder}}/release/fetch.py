"""Brings the model from S3 into model/, to serve it here: `python -m release.fetch`, which `make model` runs."""

import sys
import tempfile
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

import package

from . import aws, model, record
from .failures import ReleaseError


def main() -> int:
    url = model.artifact()
    client: Any = boto3.client("s3")
    try:
        with tempfile.TemporaryDirectory() as folder:
            package.bring(_download(client, url, Path(folder)), record.ROOT / package.FOLDER)
    except ReleaseError as failure:
        return _failed(failure)
    except (BotoCoreError, ClientError) as error:
        return _failed(aws.worded(error))
    print(f"{url} is in {package.FOLDER}/", file=sys.stderr)
    return 0


def _download(client: Any, url: str, folder: Path) -> Path:
    """Bring an archive, or the files of a folder, to this machine; give their place."""
    bucket, key = model.split(url)
    if not key.endswith("/"):
        archive = folder / key.rpartition("/")[2]
        client.download_file(bucket, key, str(archive))
        return archive
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
    names = [one["Key"] for page in pages for one in page.get("Contents", []) if not one["Key"].endswith("/")]
    if not names:
        raise ReleaseError(f"there is nothing below {url}")
    for name in names:
        file = folder / "model" / name.removeprefix(key)
        file.parent.mkdir(parents=True, exist_ok=True)
        client.download_file(bucket, name, str(file))
    return folder / "model"


def _failed(failure: ReleaseError) -> int:
    print("release:", " ".join(failure.message.split()), file=sys.stderr)
    return failure.status


if __name__ == "__main__":
    sys.exit(main())
