"""The endpoint of each region: wait until it serves the release, ask it for one prediction, and say why it does not.

Rules: InService is not enough. SageMaker rolls a failed update back and is InService again with the previous release,
so what the endpoint serves is compared with the record.
"""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from . import asking, logs, record, stack
from .aws import Account
from .failures import DEPLOYMENT, ApplyError, RefusedError, ReleaseError
from .stack import Stack

PAYLOAD = "payload.json"
_MOVING = {"Creating", "Updating", "SystemUpdating", "RollingBack"}


@dataclass(frozen=True)
class Endpoint:
    """What SageMaker says of the endpoint."""

    status: str
    failure: str
    configuration: str


def wait(every: float, minutes: float) -> None:
    """Return when the endpoint is InService with the recorded release; look `every` so many seconds, for `minutes`."""
    started = time.monotonic()
    for target in _released():
        _wait(target, every, minutes, started)


def _wait(target: Stack, every: float, minutes: float, started: float) -> None:
    sagemaker, last = Account(target).client("sagemaker"), ""
    while True:
        found = _describe(sagemaker, target)
        passed = time.monotonic() - started
        if found.status != last:
            print(f"{_called(target)}: {found.status} ({passed / 60:.0f} min)", file=sys.stderr)
            last = found.status
        if found.status not in _MOVING:
            break
        if passed > minutes * 60:
            raise ReleaseError(
                f"{_called(target)} is still {found.status} after {minutes:g} minutes: `make wait` waits on",
                DEPLOYMENT,
            )
        time.sleep(every)
    _require_release(sagemaker, target, found)


def smoke() -> None:
    """Send payload.json to the endpoint of each region and print the answers."""
    try:
        payload = (record.ROOT / PAYLOAD).read_bytes()
    except FileNotFoundError:
        raise ReleaseError(f"{PAYLOAD} does not exist: write a request that the model accepts into it") from None
    for target in _released():
        print(_prediction(target, payload))


def _prediction(target: Stack, payload: bytes) -> str:
    account = Account(target)
    sagemaker = account.client("sagemaker")
    _require_release(sagemaker, target, _describe(sagemaker, target))
    try:
        body = asking.ask(account, target, payload)
    except RefusedError as refusal:
        raise ReleaseError(
            f"{_called(target)} answered {PAYLOAD} with {refusal}; {logs.of(target)}", DEPLOYMENT
        ) from None
    try:
        json.loads(body)
    except ValueError:
        raise ReleaseError(
            f"{target.endpoint_name} answered {body[:200]!r}, which is not JSON; {logs.of(target)}", DEPLOYMENT
        ) from None
    return body


def explained(failure: ApplyError) -> ReleaseError:
    """The failure of an apply, with what the endpoint itself says about it where it says anything."""
    try:
        for target in stack.find() if record.read().complete else ():
            sagemaker = Account(target).client("sagemaker")
            _require_release(sagemaker, target, _describe(sagemaker, target))
    except ReleaseError as reason:
        if reason.status == DEPLOYMENT:
            return ReleaseError(f"{failure.message}; {reason.message}", failure.status)
    except (BotoCoreError, ClientError):
        pass  # why the apply failed is told; that the explanation failed too helps nobody
    return failure


def _released() -> tuple[Stack, ...]:
    targets = stack.require()
    if not record.read().complete:
        raise ReleaseError("nothing is released yet, so there is no endpoint: run `make release` first")
    return targets


def _called(target: Stack) -> str:
    """The endpoint, and the region where there are several: their endpoints have one name."""
    return target.endpoint_name if len(stack.find()) == 1 else f"{target.endpoint_name} ({target.region})"


def _describe(sagemaker: Any, target: Stack) -> Endpoint:
    try:
        found = sagemaker.describe_endpoint(EndpointName=target.endpoint_name)
    except ClientError as error:
        if "Could not find" in error.response["Error"].get("Message", ""):
            raise ReleaseError(f"there is no endpoint {_called(target)}: run `make apply` first") from None
        raise
    return Endpoint(found["EndpointStatus"], found.get("FailureReason", ""), found["EndpointConfigName"])


def _serves(sagemaker: Any, configuration: str, target: Stack) -> tuple[str, str | None]:
    """The image's digest and the model's address that an endpoint configuration names."""
    variants = sagemaker.describe_endpoint_config(EndpointConfigName=configuration)["ProductionVariants"]
    return serving(sagemaker.describe_model(ModelName=variants[0]["ModelName"]), target)


def serving(model: Mapping[str, Any], target: Stack) -> tuple[str, str | None]:
    """The image's digest and the model's address of SageMaker's model: of this project's container, where there are others."""
    containers = model.get("Containers") or [model["PrimaryContainer"]]
    own = next((one for one in containers if one["Image"].startswith(f"{target.repository_url}@")), containers[0])
    folder = own.get("ModelDataSource", {}).get("S3DataSource", {}).get("S3Uri")
    return own["Image"].rpartition("@")[2], own.get("ModelDataUrl") or folder


def _require_release(sagemaker: Any, target: Stack, found: Endpoint) -> None:
    name = _called(target)
    if found.status != "InService":
        why = found.failure.rstrip(".") or "SageMaker gives no reason"
        raise ReleaseError(f"{name} is {found.status}: {why}; {_advice(found.failure)}{logs.of(target)}", DEPLOYMENT)
    image, model = _serves(sagemaker, found.configuration, target)
    wanted = record.read()
    if (image, model) != (wanted.image_digest, wanted.model_key and target.model_url(wanted.model_key)):
        raise ReleaseError(
            f"{name} is InService but does not serve what {record.FILE} names (it serves image {image} and model "
            f"{model}): SageMaker rolled the update back, or `make apply` was not run; {logs.of(target)}",
            DEPLOYMENT,
        )


def _advice(failure: str) -> str:
    if "ping health check" in failure:
        return (
            "that is, GET /ping on port 8080 did not answer 200 in time, because the model did not load or the memory "
            "did not suffice (`make serve` shows the same start here); "
        )
    return ""
