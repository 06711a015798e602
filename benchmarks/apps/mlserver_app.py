"""MLServer: a runtime of its own around the same model, since its scikit-learn runtime wants an older one."""

import os

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse
from served import load


class Runtime(MLModel):
    async def load(self) -> bool:
        self.model = load(os.environ["MODEL"])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        import numpy

        labels = self.model(NumpyCodec.decode_input(payload.inputs[0]))
        out = NumpyCodec.encode_output("labels", numpy.asarray(labels))
        return InferenceResponse(model_name=self.name, outputs=[out])
