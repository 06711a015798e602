"""InvokeEndpoint in front of a real container: what a caller sends reaches the program that serves the model.

Rules: without `STAND_IN_CONTAINER` (`http://127.0.0.1:8080`, say) moto's fixed answer stays. An error of the container
reaches the caller as ModelError with status 424, the original status and the original message, as SageMaker does it.
"""

import json
import os
import urllib.error
import urllib.request

from moto.core.common_types import TYPE_RESPONSE
from moto.sagemaker.models import sagemaker_backends
from moto.sagemakerruntime.responses import SageMakerRuntimeResponse

from .patching import Replace

VARIABLE = "STAND_IN_CONTAINER"
PASSED_ON = ("Content-Type", "Accept", "X-Amzn-SageMaker-Custom-Attributes", "X-Amzn-SageMaker-Inference-Id")
MODEL_ERROR = 424


def invoke_the_container(replace: Replace) -> None:
    """Moto answers the same text to every invocation, also of an endpoint that does not exist."""
    container = os.environ.get(VARIABLE)
    if not container:
        return

    def invoke_endpoint(self: SageMakerRuntimeResponse) -> TYPE_RESPONSE:
        name = self.path.split("/")[2]
        endpoint = sagemaker_backends[self.current_account][self.region].endpoints.get(name)
        if endpoint is None or endpoint.endpoint_status != "InService":
            message = f"Endpoint {name} of account {self.current_account} not found."
            return _error(400, "ValidationError", {"Message": message})
        headers = {key: self.headers[key] for key in PASSED_ON if self.headers.get(key)}
        body = self.body if isinstance(self.body, bytes) else self.body.encode()
        # A container of this machine, so the scheme is known (S310).
        request = urllib.request.Request(f"{container}/invocations", data=body, headers=headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                variant = {"x-Amzn-Invoked-Production-Variant": endpoint.production_variants[0]["VariantName"]}
                return answer.status, {"Content-Type": answer.headers.get_content_type(), **variant}, answer.read()
        except urllib.error.HTTPError as error:
            original = {"OriginalStatusCode": error.code, "OriginalMessage": error.read().decode(errors="replace")}
            return _error(MODEL_ERROR, "ModelError", {"Message": "Received error from primary", **original})

    replace(SageMakerRuntimeResponse, "invoke_endpoint", invoke_endpoint)


def _error(status: int, code: str, body: dict[str, object]) -> TYPE_RESPONSE:
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code, "status": str(status)}
    return status, headers, json.dumps(body)  # moto takes the status from the headers
