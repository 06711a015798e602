"""The SageMaker inference toolkit, as its documentation has it, under multi-model-server."""

import os
import sys

sys.path.insert(0, os.environ["APPS"])

from sagemaker_inference import decoder, default_inference_handler, encoder, transformer
from sagemaker_inference.default_handler_service import DefaultHandlerService
from served import load


class Handler(default_inference_handler.DefaultInferenceHandler):
    def default_model_fn(self, model_dir, context=None):
        return load(os.environ["MODEL"])

    def default_input_fn(self, input_data, content_type, context=None):
        if content_type == "application/json":
            import json

            return json.loads(input_data)["instances"]
        return decoder.decode(input_data, content_type)

    def default_predict_fn(self, data, model, context=None):
        import numpy

        return model(numpy.atleast_2d(data) if not isinstance(data, list) else data)

    def default_output_fn(self, prediction, accept, context=None):
        return encoder.encode({"predictions": prediction} if "json" in accept else prediction, accept)


class Service(DefaultHandlerService):
    def __init__(self):
        super().__init__(transformer=transformer.Transformer(default_inference_handler=Handler()))


_service = Service()


def handle(data, context):
    if not getattr(_service, "initialized", False):
        _service.initialize(context)
        _service.initialized = True
    return None if data is None else _service.handle(data, context)
