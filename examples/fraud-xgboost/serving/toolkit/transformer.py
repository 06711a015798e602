"""The toolkit's class that calls a file's functions: here for files that name it. The server calls the functions itself."""

from typing import Any

from serving.toolkit.default_inference_handler import DefaultInferenceHandler

NOT_HERE = "the server calls the functions of inference.py itself: define model_fn and predict_fn, or transform_fn"


class Transformer:
    """Holds a handler."""

    def __init__(self, default_inference_handler: Any = None) -> None:
        """Keep the handler."""
        self._default_inference_handler = default_inference_handler or DefaultInferenceHandler()

    def initialize(self, context: Any) -> None:
        """Load the model, which is not for this class here."""
        raise NotImplementedError(NOT_HERE)

    def transform(self, data: Any, context: Any) -> Any:
        """Answer a request, which is not for this class here."""
        raise NotImplementedError(NOT_HERE)
