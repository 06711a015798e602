"""Trains the sample model and packs it: `python train.py` writes model/ and model.tar.gz, the same bytes every time.

The data is Fisher's iris set (iris.csv, in the public domain): four measures of a flower in centimetres, three species.
The model is a logistic regression that numpy fits and the onnx package writes; its answer is the probability of each
species, in the order of their names. Replace this file by your own export (torch.onnx.export, skl2onnx.to_onnx, ...), or
name a finished model with model.artifact in byocgen.yaml.
"""

import csv
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from package import ARCHIVE, FOLDER, pack

STEPS = 500
RATE = 0.5
OPSET = 21  # old enough for every ONNX Runtime that byocgen offers
IR_VERSION = 10  # as above


def main() -> None:
    """Fit, save, pack."""
    with Path("iris.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    measures = np.array([row[:4] for row in rows], dtype=np.float64)
    names = sorted({row[4] for row in rows})
    species = np.array([names.index(row[4]) for row in rows])

    weights, bias = fit(measures, np.eye(len(names))[species])
    FOLDER.mkdir(exist_ok=True)
    Path(FOLDER, "model.onnx").write_bytes(graph(weights, bias).SerializeToString(deterministic=True))
    pack(FOLDER, ARCHIVE)


def fit(measures: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Descend the gradient of the logistic loss; give weights and bias for measures as they are, not scaled."""
    mean, deviation = measures.mean(axis=0), measures.std(axis=0)
    scaled = (measures - mean) / deviation
    weights, bias = np.zeros((measures.shape[1], wanted.shape[1])), np.zeros(wanted.shape[1])
    for _ in range(STEPS):
        scores = np.exp(scaled @ weights + bias)
        error = scores / scores.sum(axis=1, keepdims=True) - wanted
        weights -= RATE * scaled.T @ error / len(measures)
        bias -= RATE * error.mean(axis=0)
    weights /= deviation[:, None]
    return weights, bias - mean @ weights


def graph(weights: np.ndarray, bias: np.ndarray) -> onnx.ModelProto:
    """Write softmax(measures x weights + bias) for any number of rows."""
    constants = [
        numpy_helper.from_array(weights.round(6).astype(np.float32), "weights"),
        numpy_helper.from_array(bias.round(6).astype(np.float32), "bias"),
    ]
    nodes = [
        helper.make_node("Gemm", ["measures", "weights", "bias"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
    inputs = [helper.make_tensor_value_info("measures", TensorProto.FLOAT, ["rows", weights.shape[0]])]
    outputs = [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["rows", weights.shape[1]])]
    made = helper.make_graph(nodes, "iris", inputs, outputs, constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    return model


if __name__ == "__main__":
    main()
