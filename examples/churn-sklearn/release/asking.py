"""One request to the endpoint of a region, and what comes back.

Rules: what the container itself refuses is a RefusedError with its own words; any other error is AWS's.
"""

from typing import Any

from botocore.exceptions import ClientError

from .aws import Account
from .failures import RefusedError
from .stack import Stack


def ask(account: Account, target: Stack, payload: bytes) -> str:
    """The answer to a JSON request. Raises RefusedError."""
    try:
        answer = account.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=target.endpoint_name, ContentType="application/json", Body=payload
        )
    except ClientError as error:
        raise _refused(error) from None
    return str(answer["Body"].read().decode("utf-8", errors="replace"))


def _refused(error: ClientError) -> RefusedError | ClientError:
    answer: Any = error.response
    if answer["Error"]["Code"] != "ModelError":
        return error
    return RefusedError(
        f"{answer.get('OriginalStatusCode')}: {answer.get('OriginalMessage') or answer['Error'].get('Message')}"
    )
