"""There is no endpoint: a model waits for transform jobs. Whether it is the release's, and whether a job answers payload.json.

Rules: the names are those of an endpoint's module, so that the commands are the same in every mode.
"""

import sys
from typing import Any

from botocore.exceptions import ClientError

from . import record, stack, transform
from .aws import Account
from .failures import DEPLOYMENT, ApplyError, ReleaseError
from .stack import Stack

PAYLOAD = "payload.json"


def wait(every: float, minutes: float) -> None:
    """Return when SageMaker has the recorded model; there is nothing that starts, so nothing to wait for."""
    del every, minutes
    for target in _released():
        _require_release(target)


def smoke() -> None:
    """Run a transform job over payload.json in each region, and print the answers."""
    try:
        payload = (record.ROOT / PAYLOAD).read_bytes()
    except FileNotFoundError:
        raise ReleaseError(f"{PAYLOAD} does not exist: write a request that the model accepts into it") from None
    for target in _released():
        _require_release(target)
        print(transform.smoke(target, payload))


def explained(failure: ApplyError) -> ReleaseError:
    """The failure of an apply: no endpoint says more about it."""
    return failure


def _released() -> tuple[Stack, ...]:
    targets = stack.require()
    if not record.read().complete:
        raise ReleaseError("nothing is released yet, so there is no model: run `make release` first")
    return targets


def _require_release(target: Stack) -> None:
    name, wanted = stack.output("model_name", target.region), record.read()
    model = _describe(Account(target).client("sagemaker"), name)
    container = model["PrimaryContainer"] if "PrimaryContainer" in model else _own(model, target)
    found = (container["Image"].rpartition("@")[2], container.get("ModelDataUrl"))
    if found != (wanted.image_digest, wanted.model_key and target.model_url(wanted.model_key)):
        raise ReleaseError(
            f"the model {name} is not what {record.FILE} names (image {found[0]}, model {found[1]}): run `make apply`",
            DEPLOYMENT,
        )
    print(f"{name} is the release's: `make transform` starts a job", file=sys.stderr)


def _own(model: dict[str, Any], target: Stack) -> dict[str, Any]:
    """This project's container of a pipeline."""
    return next(one for one in model["Containers"] if one["Image"].startswith(f"{target.repository_url}@"))


def _describe(sagemaker: Any, name: str | None) -> dict[str, Any]:
    try:
        return dict(sagemaker.describe_model(ModelName=name)) if name else {}
    except ClientError as error:
        if "Could not find" in error.response["Error"].get("Message", ""):
            raise ReleaseError(f"there is no model {name}: run `make apply` first") from None
        raise
