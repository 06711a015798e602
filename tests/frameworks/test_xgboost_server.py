"""A server with an XGBoost model, asked over HTTP."""

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.frameworks.test_xgboost import NAMES, ROWS, train
from xgboost import Booster, DMatrix

if TYPE_CHECKING:
    from collections.abc import Callable

    from app_under_test import Server


@pytest.fixture(scope="module")
def iris() -> Booster:
    return train({"objective": "multi:softprob", "num_class": 3})


def test_a_server_takes_objects_in_any_order_csv_and_missing_values(
    serve: "Callable[..., Server]", tmp_path_factory: pytest.TempPathFactory, iris: Booster
) -> None:
    folder = tmp_path_factory.mktemp("model")
    iris.save_model(folder / "model.ubj")
    server = serve("xgboost", folder)
    row = [6.3, None, 6.0, 2.5]
    expected = iris.predict(DMatrix(np.array([row], dtype=float), feature_names=NAMES)).tolist()

    as_object = dict(reversed(list(zip(NAMES, row, strict=True))))
    csv = f"{','.join(NAMES)}\n6.3,,6.0,2.5\n"

    assert server.post(json.dumps({"instances": [row]})).json() == {"predictions": expected}
    assert server.post(json.dumps({"instances": [as_object]})).json() == {"predictions": expected}
    assert server.post(csv, "text/csv").json() == {"predictions": expected}
    assert server.post(json.dumps({"instances": [[1, 2, 3]]})).status_code == 400


AWS = """
import json, os
import numpy as np
import xgboost as xgb

def model_fn(model_dir):
    booster = xgb.Booster()
    booster.load_model(os.path.join(model_dir, "model.ubj"))
    return booster

def input_fn(request_body, request_content_type):
    if request_content_type == "application/json":
        return xgb.DMatrix(np.array(json.loads(request_body)["instances"]))
    raise ValueError("Unsupported content type: " + request_content_type)

def predict_fn(input_data, model):
    return model.predict(input_data, validate_features=False)

def output_fn(prediction, accept):
    return json.dumps(prediction.tolist()), accept
"""


def test_an_inference_file_written_for_sagemaker_works(
    serve: "Callable[..., Server]", tmp_path_factory: pytest.TempPathFactory, iris: Booster
) -> None:
    folder = tmp_path_factory.mktemp("model")
    iris.save_model(folder / "model.ubj")
    server = serve("xgboost", folder, AWS)

    assert server.post(json.dumps({"instances": ROWS[:2].tolist()})).json() == iris.inplace_predict(ROWS[:2]).tolist()
    assert server.post("1,2,3,4", "text/csv").status_code == 400
