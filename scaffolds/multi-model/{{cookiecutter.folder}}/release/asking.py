"""One request to one model of the multi-model endpoint of a region, and what comes back.

Rules: what the container itself refuses is a RefusedError with its own words; any other error is AWS's.
"""

from typing import Any

from botocore.exceptions import ClientError

from . import model
from .aws import Account
from .failures import RefusedError
from .stack import Stack


def ask(account: Account, target: Stack, payload: bytes) -> str:
    """The first model's answer to a JSON request. Raises RefusedError."""
    name = model.archives()[0].name
    try:
        answer = account.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=target.endpoint_name, TargetModel=name, ContentType="application/json", Body=payload
        )
    except ClientError as error:
        raise _refused(error, name) from None
    return str(answer["Body"].read().decode("utf-8", errors="replace"))


def _refused(error: ClientError, name: str) -> RefusedError | ClientError:
    answer: Any = error.response
    if answer["Error"]["Code"] != "ModelError":
        return error
    said = answer.get("OriginalMessage") or answer["Error"].get("Message")
    return RefusedError(f"{answer.get('OriginalStatusCode')} of {name}: {said}")
