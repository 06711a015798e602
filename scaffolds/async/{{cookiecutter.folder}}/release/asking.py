"""One request to the asynchronous endpoint of a region: laid into S3, answered there.

Rules: what the container itself refuses is a RefusedError with its own words; any other error is AWS's. The request and
its answer are deleted again.
"""

import sys
import time
import uuid
from typing import Any

from botocore.exceptions import ClientError

from .aws import Account
from .failures import DEPLOYMENT, RefusedError, ReleaseError
from .stack import Stack

INPUT = "async/input/"  # where the endpoint's role may read requests
_EVERY_SECONDS = 2
_MINUTES = 30  # an endpoint without a machine gets one first, which takes ten or so


def ask(account: Account, target: Stack, payload: bytes) -> str:
    """The answer to a JSON request. Raises RefusedError."""
    s3, key = account.client("s3"), f"{INPUT}smoke-{uuid.uuid4()}.json"
    s3.put_object(Bucket=target.bucket, Key=key, Body=payload, ExpectedBucketOwner=target.account_id)
    places = account.client("sagemaker-runtime").invoke_endpoint_async(
        EndpointName=target.endpoint_name,
        ContentType="application/json",
        InputLocation=f"s3://{target.bucket}/{key}",
    )
    try:
        return _answer(s3, target, _key(places["OutputLocation"]), _key(places["FailureLocation"]))
    finally:
        s3.delete_object(Bucket=target.bucket, Key=key, ExpectedBucketOwner=target.account_id)


def _answer(s3: Any, target: Stack, done: str, failed: str) -> str:
    until, told = time.monotonic() + _MINUTES * 60, False
    while time.monotonic() < until:
        answer, failure = (_read(s3, target, key) for key in (done, failed))
        if answer is not None:
            return answer
        if failure is not None:
            raise RefusedError(failure)
        if not told:
            print("waiting for the answer; an endpoint that was scaled to zero gets a machine first", file=sys.stderr)
            told = True
        time.sleep(_EVERY_SECONDS)
    raise ReleaseError(f"{target.endpoint_name} has not answered in {_MINUTES} minutes", DEPLOYMENT)


def _read(s3: Any, target: Stack, key: str) -> str | None:
    """The text of an object, which is deleted; None while there is none."""
    place = {"Bucket": target.bucket, "Key": key, "ExpectedBucketOwner": target.account_id}
    try:
        text = s3.get_object(**place)["Body"].read().decode("utf-8", errors="replace")
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchKey"}:
            return None
        raise
    s3.delete_object(**place)
    return str(text)


def _key(location: str) -> str:
    return location.removeprefix("s3://").partition("/")[2]
