"""What is known of a request beside its body: ids, headers, parameters. The `context` argument of inference.py's functions.

Its names are those of the context that SageMaker's inference toolkit hands to the same functions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

INFERENCE_ID = "x-amzn-sagemaker-inference-id"
CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
LONGEST_ATTRIBUTES = 1024  # ASCII characters, the platform's limit


@dataclass(slots=True)
class Context:
    """One request; or none, while model_fn runs. `headers` has lower-case names."""

    request_id: str = ""
    inference_id: str | None = None
    custom_attributes: str | None = None
    model_name: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    model_dir: str = ""
    gpu_id: int | None = None
    response_custom_attributes: str | None = None

    @classmethod
    def of_request(cls, headers: Mapping[str, str], request_id: str, model_name: str = "") -> "Context":
        """Make the context of a request from its headers, whose names are in lower case."""
        return cls(request_id, headers.get(INFERENCE_ID), headers.get(CUSTOM_ATTRIBUTES), model_name, headers)

    @property
    def system_properties(self) -> dict[str, Any]:
        """The model's folder and the GPU to use, None for the CPU."""
        return {"model_dir": self.model_dir, "gpu_id": self.gpu_id}

    def get_request_header(self, *name: object) -> str | None:
        """Give a header's value, None without it. The toolkit's form with a batch index, (0, name), works too."""
        return self.headers.get(str(name[-1]).lower()) if name else None

    def set_response_custom_attributes(self, text: str) -> None:
        """Send `text` as the response's X-Amzn-SageMaker-Custom-Attributes. Raises ValueError for what cannot be sent."""
        if len(text) > LONGEST_ATTRIBUTES or not text.isascii() or not text.isprintable():
            raise ValueError(f"custom attributes are at most {LONGEST_ATTRIBUTES} printable ASCII characters")
        self.response_custom_attributes = text
