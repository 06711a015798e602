"""Your model: model_fn loads it, predict_fn calls it; the server does the rest. Both are needed, the others optional.

As it stands this serves the sample that train.py makes: the species whose mean flower is nearest. Change the file freely;
byocgen never touches it again. What goes wrong here is logged with its traceback; the caller only sees the kind of
error. `logging` goes to the endpoint's log as JSON. Each function may take one more parameter, `context`: the request's
id and headers. Other modules of yours may lie beside this file; packages go into model.requirements of byocgen.yaml.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np


def model_fn(model_dir: str) -> dict[str, Any]:
    """Load the model, once a worker. `model_dir` is where model.tar.gz was unpacked; it is read-only."""
    with Path(model_dir, "centres.json").open(encoding="utf-8") as file:
        centres: dict[str, list[float]] = json.load(file)["centres"]
    return {"names": list(centres), "centres": np.array(list(centres.values()))}


def predict_fn(input_data: np.ndarray, model: dict[str, Any]) -> list[str]:
    """Predict: an entry a row, in order. Arrays, data frames and plain lists will do.

    `input_data` is an array with a row an instance; what a row holds, model.inputs in byocgen.yaml says.
    In a batch job it is called for each part of a large request by itself.
    """
    distances = np.linalg.norm(input_data[:, None, :] - model["centres"], axis=2)
    return [model["names"][index] for index in distances.argmin(axis=1)]


# An answer in pieces, with serving.stream: true in byocgen.yaml: a predict_fn that is a generator. Each piece is sent as
# soon as it is there; a caller who hangs up ends it at the next yield.
#
# def predict_fn(input_data, model):
#     for row in input_data:
#         yield float(row.sum())


# Decode a request. Without it: {"instances": [...]} as JSON, text/csv and others, rows of numbers or of model.inputs.
# `request_body` is str for JSON and text, bytes for anything else. A ValueError raised here becomes status 400.
#
# def input_fn(request_body, request_content_type):
#     return json.loads(request_body)


# Encode the response. Without it: {"predictions": [...]}, CSV or others, as the Accept header asks.
# Return bytes or str, or a pair of body and content type.
#
# def output_fn(prediction, accept):
#     return json.dumps({"species": prediction}), "application/json"
