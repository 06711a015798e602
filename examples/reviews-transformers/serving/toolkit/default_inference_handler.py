"""The class that files of handlers derive from; its functions are what they are without functions of one's own."""

from typing import Any

from serving.toolkit import decoder, encoder


class DefaultInferenceHandler:
    """Decodes to an array, encodes from one; models and predictions are for others to know."""

    def default_model_fn(self, model_dir: str, context: Any = None) -> Any:
        """Load the model."""
        raise NotImplementedError("define model_fn in inference.py")

    def default_input_fn(self, input_data: bytes | str, content_type: str, context: Any = None) -> Any:
        """Decode the body."""
        del context
        return decoder.decode(input_data, content_type)

    def default_predict_fn(self, data: Any, model: Any, context: Any = None) -> Any:
        """Predict."""
        raise NotImplementedError("define predict_fn in inference.py")

    def default_output_fn(self, prediction: Any, accept: str, context: Any = None) -> tuple[bytes | str, str]:
        """Encode the predictions."""
        del context
        return encoder.encode(prediction, accept), accept
