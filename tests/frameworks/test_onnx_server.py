"""A server with an ONNX model, asked over HTTP."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import onnxruntime
import pytest
from tests.frameworks.test_onnx import BOOL, FLOAT, ROWS, TEXT, TWO_OUTPUTS, echo, put, tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from app_under_test import Server

AWS = """
import json, os
import numpy as np
import onnxruntime

def model_fn(model_dir):
    return onnxruntime.InferenceSession(os.path.join(model_dir, "model.onnx"))

def input_fn(request_body, content_type="application/json"):
    return np.array(json.loads(request_body)["instances"], dtype=np.float32)

def predict_fn(data, session):
    return session.run(None, {session.get_inputs()[0].name: data})

def output_fn(prediction, accept):
    return json.dumps({"label": prediction[0].tolist()})
"""


@pytest.fixture(scope="module")
def two_outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return put(tmp_path_factory.mktemp("model"), TWO_OUTPUTS)


@pytest.fixture(scope="module")
def labels(two_outputs: Path) -> list[str]:
    found: list[str] = (
        onnxruntime.InferenceSession(two_outputs / "model.onnx")
        .run(["label"], {"x": ROWS.astype("float32")})[0]
        .tolist()
    )
    return found


def test_an_output_may_be_chosen(serve: "Callable[..., Server]", two_outputs: Path, labels: list[str]) -> None:
    server = serve("onnx", two_outputs)
    body = {"instances": ROWS.tolist()}

    assert [row["label"] for row in server.post(json.dumps(body)).json()["predictions"]] == labels
    chosen = {**body, "parameters": {"output": "label"}}
    assert server.post(json.dumps(chosen)).json() == {"predictions": labels}
    assert server.post(json.dumps({**body, "parameters": {"output": "score"}})).status_code == 400
    assert server.post("1,2,3", "text/csv").status_code == 400


def test_columns_come_as_objects_in_any_order_and_as_csv(
    serve: "Callable[..., Server]", tmp_path_factory: pytest.TempPathFactory
) -> None:
    columns = (tensor("fee", FLOAT, None, 1), tensor("plan", TEXT, None, 1), tensor("active", BOOL, None, 1))
    server = serve("onnx", put(tmp_path_factory.mktemp("model"), echo(*columns)))
    expected = {"predictions": [{"out_fee": [1.5], "out_plan": ["08001"], "out_active": [True]}]}

    assert server.post('{"instances": [{"plan": "08001", "active": true, "fee": 1.5}]}').json() == expected
    assert server.post("1.5,08001,true\n", "text/csv").json() == expected
    missing = server.post('{"instances": [{"plan": null, "active": true, "fee": 1.5}]}')
    assert missing.status_code == 400
    assert missing.json()["error"]["message"] == (
        "instances[0][1] (plan): this value is missing: the model's input plan takes text (str)"
    )


def test_tensors_come_as_objects(serve: "Callable[..., Server]", tmp_path_factory: pytest.TempPathFactory) -> None:
    image = tensor("image", FLOAT, "rows", 2, 2), tensor("mask", BOOL, "rows", "length")
    server = serve("onnx", put(tmp_path_factory.mktemp("model"), echo(*image)))
    instance = {"image": [[1.0, 2.0], [3.0, 4.0]], "mask": [True]}

    assert server.post(json.dumps({"instances": [instance]})).json() == {
        "predictions": [{"out_image": instance["image"], "out_mask": instance["mask"]}]
    }


def test_an_inference_file_written_for_sagemaker_works(
    serve: "Callable[..., Server]", two_outputs: Path, labels: list[str]
) -> None:
    server = serve("onnx", two_outputs, AWS, shares=False)  # its session has a thread a CPU

    assert server.post(json.dumps({"instances": ROWS.tolist()})).json() == {"label": labels}
