"""GET /execution-parameters: what a batch transform job asks for before it cuts its input into requests.

The platform's rule: MaxConcurrentTransforms times MaxPayloadInMB is at most 100 MB.
"""

from serving.settings import MIB, ServerSettings

MAX_TOGETHER_MB = 100


def execution_parameters(server: ServerSettings) -> dict[str, object]:
    """Give the answer: as many requests side by side as predictions run at one time, as far as the rule allows."""
    payload = max(1, min(MAX_TOGETHER_MB, server.max_payload_bytes // MIB))
    at_once = max(1, min(server.workers * server.threads, MAX_TOGETHER_MB // payload))
    return {"MaxConcurrentTransforms": at_once, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": payload}
