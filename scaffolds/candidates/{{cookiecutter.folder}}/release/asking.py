"""One request to every production variant of the endpoint of a region, and what comes back.

Rules: each variant is asked by its name, because by its share of the traffic alone a bad candidate would seldom be met; a
shadow answers nobody and cannot be asked. What a variant's container itself refuses is a RefusedError with its own words;
any other error is AWS's.
"""

import json
from typing import Any

from botocore.exceptions import ClientError

from .aws import Account
from .failures import RefusedError
from .stack import Stack


def ask(account: Account, target: Stack, payload: bytes) -> str:
    """The answers to a JSON request, by variant, as JSON. Raises RefusedError, which names the variant."""
    endpoint = account.client("sagemaker").describe_endpoint(EndpointName=target.endpoint_name)
    names = [variant["VariantName"] for variant in endpoint["ProductionVariants"]]
    runtime = account.client("sagemaker-runtime")
    return json.dumps({name: _answer(runtime, target.endpoint_name, name, payload) for name in names})


def _answer(runtime: Any, endpoint: str, variant: str, payload: bytes) -> Any:
    try:
        answer = runtime.invoke_endpoint(
            EndpointName=endpoint, TargetVariant=variant, ContentType="application/json", Body=payload
        )
    except ClientError as error:
        raise _refused(error, variant) from None
    body = answer["Body"].read()
    try:
        return json.loads(body)
    except ValueError:
        text = body.decode("utf-8", errors="replace")
        raise RefusedError(f"{text[:200]!r} of variant {variant}, which is not JSON") from None


def _refused(error: ClientError, variant: str) -> RefusedError | ClientError:
    answer: Any = error.response
    if answer["Error"]["Code"] != "ModelError":
        return error
    said = answer.get("OriginalMessage") or answer["Error"].get("Message")
    return RefusedError(f"{answer.get('OriginalStatusCode')} of variant {variant}: {said}")
