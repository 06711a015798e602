"""Models of no library: inference.py loads and calls them, and a server without it says what is missing."""

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.frameworks.projects import SCAFFOLDS, assemble, train

if TYPE_CHECKING:
    from collections.abc import Callable

    from app_under_test import Server

SAMPLE = (SCAFFOLDS / "python" / "{{cookiecutter.folder}}" / "inference.py").read_text(encoding="utf-8")
MODEL_FN = "def model_fn(model_dir):\n    return 2\n"
PREDICT_FN = "def predict_fn(input_data, model):\n    return [[model * value for value in row] for row in input_data]\n"


def test_the_sample_answers_with_the_species(
    serve: "Callable[..., Server]", tmp_path_factory: pytest.TempPathFactory
) -> None:
    model = train("python", tmp_path_factory.mktemp("sample") / "project")
    server = serve("python", model, SAMPLE)

    answer = server.post('{"instances": [[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]]}')
    assert answer.json() == {"predictions": ["setosa", "virginica"]}
    assert server.post("5.1,3.5,1.4,0.2\n", "text/csv").json() == {"predictions": ["setosa"]}


def test_two_functions_are_enough(serve: "Callable[..., Server]", tmp_path_factory: pytest.TempPathFactory) -> None:
    server = serve("python", tmp_path_factory.mktemp("nothing"), MODEL_FN + PREDICT_FN)

    assert server.post('{"instances": [[1, 2], [3, 4]]}').json() == {"predictions": [[2.0, 4.0], [6.0, 8.0]]}


AWS = """
import json

def model_fn(model_dir, context):
    return {"factor": 2}

def transform_fn(model, data, input_content_type, output_content_type):
    return json.dumps([model["factor"] * value for value in json.loads(data)]), output_content_type
"""


def test_an_inference_file_written_for_sagemaker_works(
    serve: "Callable[..., Server]", tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = serve("python", tmp_path_factory.mktemp("nothing"), AWS)

    assert server.post("[1, 2]").json() == [2, 4]


@pytest.mark.parametrize(
    ("inference", "missing"),
    [
        ("", "model_fn(model_dir) and predict_fn(input_data, model)"),
        (MODEL_FN, "predict_fn(input_data, model)"),
        (PREDICT_FN, "model_fn(model_dir)"),
    ],
    ids=["nothing", "no predict_fn", "no model_fn"],
)
def test_what_is_missing_is_said_at_start(tmp_path: Path, inference: str, missing: str) -> None:
    project = assemble(tmp_path / "project", "python", inference)
    script = "import os; from serving import settings, predictor; predictor.Predictor.load(settings.load(os.environ))"

    ended = subprocess.run([sys.executable, "-c", script], cwd=project, capture_output=True, text=True, check=False)

    assert ended.stderr.splitlines()[-1] == (
        f"serving.errors.StartError: inference.py does not define {missing}: with model.framework python it has to, for "
        "no library is there to load the model and to call it"
    )


def test_the_sample_is_the_mean_of_each_species(tmp_path: Path) -> None:
    model = train("python", tmp_path / "project")

    centres = json.loads((model / "centres.json").read_text(encoding="utf-8"))["centres"]
    assert centres["setosa"] == [5.006, 3.428, 1.462, 0.246]
