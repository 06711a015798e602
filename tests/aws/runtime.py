"""Invocations in front of a real container: what a caller sends reaches the program that serves the model.

Rules: without `STAND_IN_CONTAINER` (`http://127.0.0.1:8080`, say) moto's fixed answers stay. An error of the container
reaches the caller as ModelError with status 424, the original status and the original message, as SageMaker does it;
an asynchronous caller finds it at the failure path.
"""

import json
import os
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.sagemaker.models import FakeEndpoint, sagemaker_backends
from moto.sagemakerruntime.responses import SageMakerRuntimeResponse

from . import objects
from .faults import ORDERS, Fault
from .patching import Replace

VARIABLE = "STAND_IN_CONTAINER"
PASSED_ON = ("Content-Type", "Accept", "X-Amzn-SageMaker-Custom-Attributes", "X-Amzn-SageMaker-Inference-Id")
TARGET_MODEL, TARGET_VARIANT = "X-Amzn-SageMaker-Target-Model", "X-Amzn-SageMaker-Target-Variant"
ASYNC_CONTENT_TYPE = "X-Amzn-SageMaker-Content-Type"
MODEL_ERROR = 424
UNLOADED = (500, "text/plain", b"no model is loaded")


def invoke_the_container(replace: Replace) -> None:
    """Moto answers the same text to every invocation, also of an endpoint that does not exist."""
    container = os.environ.get(VARIABLE)
    if not container:
        return

    def invoke_endpoint(self: SageMakerRuntimeResponse) -> TYPE_RESPONSE:
        endpoint = _endpoint(self)
        if endpoint is None:
            return _missing(self)
        target = self.headers.get(TARGET_MODEL)
        if target and not _has_model(self, endpoint, target):
            return _error(400, "ValidationError", {"Message": f"Failed to download model data for {target}"})
        first, *others = [one["VariantName"] for one in endpoint.production_variants]
        name = self.headers.get(TARGET_VARIANT) or first
        if name not in (first, *others):
            return _error(400, "ValidationError", {"Message": f"Variant {name} not found for the endpoint"})
        headers = {key: self.headers[key] for key in PASSED_ON if self.headers.get(key)}
        body = self.body if isinstance(self.body, bytes) else self.body.encode()
        path = f"models/{target}/invoke" if target else "invocations"
        failing = name in others and ORDERS.take(Fault.FAIL_VARIANT)
        status, kind, answered = UNLOADED if failing else ask(f"{container}/{path}", body, headers)
        if status != 200:
            original = {"OriginalStatusCode": status, "OriginalMessage": answered.decode(errors="replace")}
            return _error(MODEL_ERROR, "ModelError", {"Message": "Received error from primary", **original})
        return status, {"Content-Type": kind, "x-Amzn-Invoked-Production-Variant": name}, answered

    replace(SageMakerRuntimeResponse, "invoke_endpoint", invoke_endpoint)


def invoke_the_container_later(replace: Replace) -> None:
    """Moto writes a text of its own to a bucket of its own; here the configuration's paths get the container's answer."""
    container = os.environ.get(VARIABLE)
    if not container:
        return

    def invoke_endpoint_async(self: SageMakerRuntimeResponse) -> TYPE_RESPONSE:
        endpoint = _endpoint(self)
        asked = None if endpoint is None else _configuration(self, endpoint).async_inference_config
        if not asked:
            return _missing(self)
        body = objects.read(self.current_account, self.headers["X-Amzn-SageMaker-InputLocation"])
        if body is None:
            return _error(400, "ValidationError", {"Message": "The input location holds no object"})
        output, name = asked["OutputConfig"], str(uuid.uuid4())
        done = f"{output['S3OutputPath'].rstrip('/')}/{name}.out"
        failed = f"{output['S3FailurePath'].rstrip('/')}/{name}-error.out"
        status, _, answered = ask(f"{container}/invocations", body, {"Content-Type": self.headers[ASYNC_CONTENT_TYPE]})
        objects.write(self.current_account, done if status == 200 else failed, answered)
        headers = {"X-Amzn-SageMaker-OutputLocation": done, "X-Amzn-SageMaker-FailureLocation": failed}
        return 200, headers, json.dumps({"InferenceId": name})

    replace(SageMakerRuntimeResponse, "invoke_endpoint_async", invoke_endpoint_async)


def ask(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str, bytes]:
    """Status, content type and body of the container's answer. A container of this machine, so the scheme is known."""
    request = urllib.request.Request(url, data=body, headers=dict(headers))  # noqa: S310
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, answer.headers.get_content_type(), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, "", error.read()


def _endpoint(response: SageMakerRuntimeResponse) -> FakeEndpoint | None:
    found = _hosting(response).endpoints.get(response.path.split("/")[2])
    return found if found is not None and found.endpoint_status == "InService" else None


def _hosting(response: SageMakerRuntimeResponse) -> Any:
    return sagemaker_backends[response.current_account][response.region]


def _configuration(response: SageMakerRuntimeResponse, endpoint: FakeEndpoint) -> Any:
    return _hosting(response).endpoint_configs[endpoint.endpoint_config_name]


def _has_model(response: SageMakerRuntimeResponse, endpoint: FakeEndpoint, target: str) -> bool:
    """Whether the prefix of a multi-model endpoint holds this archive."""
    [variant] = _configuration(response, endpoint).production_variants
    container = _hosting(response).describe_model(variant["ModelName"]).primary_container
    several = container.get("Mode") == "MultiModel"
    return several and objects.read(response.current_account, container["ModelDataUrl"] + target) is not None


def _missing(response: SageMakerRuntimeResponse) -> TYPE_RESPONSE:
    name = response.path.split("/")[2]
    message = f"Endpoint {name} of account {response.current_account} not found."
    return _error(400, "ValidationError", {"Message": message})


def _error(status: int, code: str, body: dict[str, object]) -> TYPE_RESPONSE:
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code, "status": str(status)}
    return status, headers, json.dumps(body)  # moto takes the status from the headers
