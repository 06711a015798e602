"""The platform's numbers, and where AWS publishes them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg/"
_API = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule is written: `kind` is doc (developer guide), api (API reference) or field (reported by users)."""

    kind: str
    text: str
    url: str

    def __str__(self) -> str:
        """Give it on one line."""
        return f"[{self.kind}] {self.text} {self.url}"


def hosting(text: str) -> Source:
    """Cite the page on containers behind an endpoint."""
    return Source("doc", text, _GUIDE + "your-algorithms-inference-code.html")


def batch(text: str) -> Source:
    """Cite the page on containers in a batch transform job."""
    return Source("doc", text, _GUIDE + "your-algorithms-batch-code.html")


def multi_model(text: str) -> Source:
    """Cite the page on the API that loads and unloads models."""
    return Source("doc", text, _GUIDE + "mms-container-apis.html")


def multi_container(text: str) -> Source:
    """Cite the page on several containers behind one endpoint."""
    return Source("doc", text, _GUIDE + "multi-container-troubleshooting.html")


def multi_model_image(text: str) -> Source:
    """Cite the page on images for multi-model endpoints."""
    return Source("doc", text, _GUIDE + "build-multi-model-build-container.html")


def serverless(text: str) -> Source:
    """Cite the page on serverless endpoints."""
    return Source("doc", text, _GUIDE + "serverless-endpoints.html")


def serverless_user(text: str) -> Source:
    """Cite the report that serverless endpoints run images under another uid."""
    return Source("field", text, "https://github.com/mlflow/mlflow/issues/5544")


def isolation(text: str) -> Source:
    """Cite the page on network isolation."""
    return Source("doc", text, _GUIDE + "mkt-algo-model-internet-free.html")


def logging(text: str) -> Source:
    """Cite the page on logs in CloudWatch."""
    return Source("doc", text, _GUIDE + "logging-cloudwatch.html")


def invoke(text: str) -> Source:
    """Cite the API that callers use."""
    return Source("api", text, _API + "API_runtime_InvokeEndpoint.html")


def stream(text: str) -> Source:
    """Cite the API that callers of streams use."""
    return Source("api", text, _API + "API_runtime_InvokeEndpointWithResponseStream.html")


def toolkit(text: str) -> Source:
    """Cite the variables that AWS's own containers read."""
    return Source("field", text, "https://github.com/aws/sagemaker-inference-toolkit")


def http(text: str) -> Source:
    """Cite the HTTP specification."""
    return Source("field", text, "https://www.rfc-editor.org/rfc/rfc9110.html")


class Mode(StrEnum):
    """The kind of endpoint that the server is for."""

    REALTIME = "realtime"
    SERVERLESS = "serverless"
    ASYNC = "async"
    BATCH = "batch"
    MULTI_MODEL = "multi-model"


PORT = 8080  # where a server listens without SAGEMAKER_BIND_TO_PORT
CONNECT_SECONDS = 0.25  # until a connection is accepted
PING_SECONDS = 2.0  # for each /ping
STOP_SECONDS = 30.0  # from SIGTERM to SIGKILL
LOAD_SECONDS = 5.0  # how long a server is kept busy: our choice, long enough for twenty pings
START_SECONDS = {Mode.SERVERLESS: 180.0}
DEFAULT_START_SECONDS = 240.0
ANSWER_SECONDS = {Mode.ASYNC: 900.0, Mode.BATCH: 600.0}
DEFAULT_ANSWER_SECONDS = 60.0
PAYLOAD_BYTES = {Mode.SERVERLESS: 4 * 1024**2, Mode.ASYNC: 1024**3, Mode.BATCH: 6 * 1024**2}
DEFAULT_PAYLOAD_BYTES = 6_291_456
MOST_SENT_BYTES = 128 * 1024**2  # a larger body is announced in a check, not sent
SERVERLESS_IMAGE_BYTES = 10 * 1024**3
CUSTOM_ATTRIBUTES_BYTES = 1024
BATCH_MOST_MB = 100
MODEL_FOLDER = "/opt/ml/model"
MODELS_FOLDER = "/opt/ml/models"
MULTI_MODEL_LABEL = "com.amazonaws.sagemaker.capabilities.multi-models"
PORT_LABEL = "com.amazonaws.sagemaker.capabilities.accept-bind-to-port"
