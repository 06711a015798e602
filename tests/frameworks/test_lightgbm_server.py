"""A server with a LightGBM model, asked over HTTP."""

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from lightgbm import Booster
from tests.frameworks.test_lightgbm import UNDERSCORED, train

if TYPE_CHECKING:
    from collections.abc import Callable

    from app_under_test import Server


@pytest.fixture(scope="module")
def iris() -> Booster:
    return train({"objective": "multiclass", "num_class": 3})


def test_a_server_takes_objects_in_any_order_csv_and_missing_values(
    serve: "Callable[..., Server]", tmp_path_factory: pytest.TempPathFactory, iris: Booster
) -> None:
    folder = tmp_path_factory.mktemp("model")
    iris.save_model(folder / "model.txt")
    server = serve("lightgbm", folder)
    row = [6.3, None, 6.0, 2.5]
    expected = np.asarray(iris.predict(np.array([row], dtype=float))).tolist()
    as_object = dict(reversed(list(zip(UNDERSCORED, row, strict=True))))

    assert server.post(json.dumps({"instances": [row]})).json() == {"predictions": expected}
    assert server.post(json.dumps({"instances": [as_object]})).json() == {"predictions": expected}
    assert server.post(f"{','.join(UNDERSCORED)}\n6.3,,6.0,2.5\n", "text/csv").json() == {"predictions": expected}
    assert server.post(json.dumps({"instances": [[1, 2, 3]]})).status_code == 400


AWS = """
import json, os
import lightgbm as lgb
import pandas as pd
from io import StringIO

def model_fn(model_dir):
    return lgb.Booster(model_file=os.path.join(model_dir, "model.txt"))

def transform_fn(model, input_data, content_type, accept):
    table = pd.read_csv(StringIO(input_data), header=None)
    return json.dumps(model.predict(table).tolist()), accept
"""


def test_an_inference_file_written_for_sagemaker_works(
    serve: "Callable[..., Server]", tmp_path_factory: pytest.TempPathFactory, iris: Booster
) -> None:
    folder = tmp_path_factory.mktemp("model")
    iris.save_model(folder / "model.txt")
    server = serve("lightgbm", folder, AWS)

    assert (
        server.post("6.3,3.3,6.0,2.5", "text/csv").json()
        == np.asarray(iris.predict(np.array([[6.3, 3.3, 6.0, 2.5]]))).tolist()
    )
