"""The sample model of each layer: made from real data, the same bytes every time, good enough to be a sample."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from tests.frameworks.layer import Layer
from tests.frameworks.projects import SCAFFOLDS, train

FRAMEWORKS = ("xgboost", "lightgbm", "onnx")


@pytest.mark.parametrize("framework", [*FRAMEWORKS, "python"])
def test_train_makes_the_same_bytes_every_time(tmp_path: Path, framework: str) -> None:
    first, second = (train(framework, tmp_path / name).with_name("model.tar.gz").read_bytes() for name in ("a", "b"))

    assert first == second


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_sample_knows_the_species(tmp_path: Path, framework: str) -> None:
    layer, iris = Layer(framework), load_iris()
    model = layer.framework.load(
        layer.settings.ModelSettings("iris", framework, "", train(framework, tmp_path / "project"), native_threads=1)
    )

    rows = layer.framework.to_input(model, iris.data, layer.framework.inputs(model).names)
    probabilities: Any = np.asarray(layer.framework.predict(rows, model, {}))

    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert (probabilities.argmax(axis=1) == iris.target).mean() > 0.95


@pytest.mark.parametrize("framework", [*FRAMEWORKS, "python"])
def test_the_data_is_fishers(framework: str) -> None:
    iris = load_iris()
    path = SCAFFOLDS / framework / "{{cookiecutter.folder}}" / "iris.csv"
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)

    assert header == [*iris.feature_names, "species"]
    assert [[float(value) for value in row[:4]] for row in rows] == iris.data.tolist()
    assert [row[4] for row in rows] == iris.target_names[iris.target].tolist()
