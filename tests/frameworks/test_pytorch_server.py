"""PyTorch over HTTP: the sample that train.py makes, weights with a module of the user's, and code written for AWS."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from app_under_test import Server
from safetensors.torch import save_file
from tests.frameworks.projects import train
from torch import nn

Serve = Callable[..., Server]
ROWS = [[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]]

WITH_WEIGHTS = """
from torch import nn

def build_model():
    return nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.5))
"""
FOR_AWS = """
import json, os
import torch
from sagemaker_inference import content_types

def model_fn(model_dir):
    model = torch.nn.Linear(4, 3)
    with open(os.path.join(model_dir, "model.pth"), "rb") as f:
        model.load_state_dict(torch.load(f))
    return model.eval()

def input_fn(request_body, request_content_type):
    assert request_content_type == content_types.JSON
    return torch.tensor(json.loads(request_body)["data"])

def predict_fn(input_data, model):
    with torch.no_grad():
        return model(input_data)

def output_fn(prediction, accept):
    return json.dumps({"scores": prediction.tolist()}), content_types.JSON
"""
PREDICT_ONLY = (
    WITH_WEIGHTS
    + """
import torch

def predict_fn(input_data, model):
    assert isinstance(input_data, torch.Tensor)
    return model(input_data).argmax(dim=1)
"""
)


def test_the_sample_answers_in_every_format(serve: Serve, tmp_path: Path) -> None:
    server = serve("pytorch", train("pytorch", tmp_path / "sample"))

    predictions = server.post(json.dumps({"instances": ROWS})).json()["predictions"]
    assert [int(np.argmax(row)) for row in predictions] == [0, 2]  # setosa and virginica
    text = server.post("\n".join(",".join(map(str, row)) for row in ROWS), "text/csv").json()
    assert text == {"predictions": predictions}
    file = io.BytesIO()
    np.save(file, np.array(ROWS))
    assert server.post(file.getvalue(), "application/x-npy").json() == text
    refusal = server.post(json.dumps({"instances": [ROWS[0][:3]]}))
    assert (refusal.status_code, refusal.json()["error"]["message"]) == (400, "instances[0]: expected 4 values, got 3")


def test_weights_are_given_to_the_module_of_build_model(serve: Serve, tmp_path: Path) -> None:
    torch.manual_seed(1)
    module = nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.5)).eval()
    save_file(module.state_dict(), tmp_path / "model.safetensors")
    server = serve("pytorch", tmp_path, WITH_WEIGHTS)

    expected = module(torch.tensor(ROWS)).tolist()
    predictions = server.post(json.dumps({"instances": ROWS})).json()["predictions"]
    assert predictions == [pytest.approx(row, abs=1e-5) for row in expected]


def test_code_written_for_aws_runs_unchanged(serve: Serve, tmp_path: Path) -> None:
    module = nn.Linear(4, 3)
    torch.save(module.state_dict(), tmp_path / "model.pth")
    server = serve("pytorch", tmp_path, FOR_AWS)

    answer = server.post(json.dumps({"data": ROWS}))
    assert answer.json() == {"scores": [pytest.approx(row, abs=1e-5) for row in module(torch.tensor(ROWS)).tolist()]}


def test_predict_fn_gets_a_tensor_and_may_return_one(serve: Serve, tmp_path: Path) -> None:
    module = nn.Sequential(nn.Linear(4, 3)).eval()
    save_file(module.state_dict(), tmp_path / "model.safetensors")
    server = serve("pytorch", tmp_path, PREDICT_ONLY)

    expected = module(torch.tensor(ROWS)).argmax(dim=1).tolist()
    assert server.post(json.dumps({"instances": ROWS})).json() == {"predictions": expected}


def test_every_line_of_the_log_is_json(serve: Serve, tmp_path: Path) -> None:
    module = nn.Linear(4, 3)
    save_file(module.state_dict(), tmp_path / "model.safetensors")
    noisy = "import logging, warnings, torch\nlogging.getLogger('torch.export').warning('hello')\nwarnings.warn('careful')\n"
    server = serve("pytorch", tmp_path, noisy + "def build_model(): return torch.nn.Linear(4, 3)")

    assert server.post(json.dumps({"instances": ROWS})).status_code == 200
    server.wait_for("request")
    server.wait_for("model_loaded")
