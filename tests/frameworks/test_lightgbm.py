"""LightGBM models: every format that is served answers as LightGBM itself, and what cannot be served says what to do."""

from pathlib import Path
from typing import Any

import joblib
import lightgbm
import numpy as np
import pandas as pd
import pytest
import sklearn
from lightgbm import Booster, Dataset
from sklearn.datasets import load_iris
from tests.frameworks.layer import Layer

ROWS, SPECIES = load_iris(return_X_y=True)
NAMES = ["sepal length", "sepal width", "petal length", "petal width"]
UNDERSCORED = tuple(name.replace(" ", "_") for name in NAMES)
QUIET = {"verbosity": -1, "num_threads": 1}


@pytest.fixture(scope="module")
def layer() -> Layer:
    return Layer("lightgbm")


@pytest.fixture(scope="module")
def iris() -> Booster:
    return train({"objective": "multiclass", "num_class": 3})


def train(parameters: dict[str, Any], wanted: Any = SPECIES, **options: Any) -> Booster:
    groups: dict[str, Any] = {"group": [50, 50, 50]} if parameters["objective"] == "lambdarank" else {}
    return lightgbm.train({**QUIET, **parameters}, Dataset(ROWS, wanted, feature_name=NAMES, **groups), 12, **options)


def load(layer: Layer, folder: Path, threads: int = 1) -> Any:
    model = layer.framework.load(layer.settings.ModelSettings("iris", "lightgbm", "", folder, native_threads=threads))
    layer.framework.check(model)
    return model


def served(layer: Layer, model: Any, rows: Any = ROWS) -> Any:
    """Predict as the server does with rows that it decoded."""
    data = layer.framework.to_input(model, np.asarray(rows), layer.framework.inputs(model).names)
    return layer.framework.predict(data, model, {})


def refusal(layer: Layer, folder: Path) -> str:
    with pytest.raises(layer.errors.StartError) as error:
        load(layer, folder)
    return str(error.value)


@pytest.mark.parametrize(
    ("objective", "shape"),
    [
        ("binary", (150,)),
        ("multiclass", (150, 3)),
        ("regression", (150,)),
        ("poisson", (150,)),
        ("lambdarank", (150,)),
    ],
)
@pytest.mark.parametrize("boosting", ["gbdt", "dart"])
def test_the_text_format_answers_as_the_booster(
    layer: Layer, tmp_path: Path, objective: str, boosting: str, shape: tuple[int, ...]
) -> None:
    wanted = SPECIES > 0 if objective == "binary" else SPECIES
    classes = {"num_class": 3} if objective == "multiclass" else {}
    model = train({"objective": objective, "boosting": boosting, **classes}, wanted)
    model.save_model(tmp_path / "model.txt")

    answer = served(layer, load(layer, tmp_path))

    assert answer.shape == shape
    assert np.array_equal(answer, Booster(model_file=tmp_path / "model.txt").predict(ROWS))


@pytest.mark.parametrize("name", ["churn.txt", "model.txt"])
def test_a_text_is_found_by_its_suffix(layer: Layer, tmp_path: Path, iris: Booster, name: str) -> None:
    iris.save_model(tmp_path / name)

    assert np.array_equal(served(layer, load(layer, tmp_path)), iris.predict(ROWS))


def test_two_texts_are_one_too_many_unless_one_is_called_model(layer: Layer, tmp_path: Path, iris: Booster) -> None:
    iris.save_model(tmp_path / "a.txt")
    (tmp_path / "notes.txt").write_text("trained in May", encoding="utf-8")
    assert "found a.txt, notes.txt" in refusal(layer, tmp_path)

    iris.save_model(tmp_path / "model.txt")
    assert load(layer, tmp_path).num_trees() == 36


@pytest.mark.parametrize("suffix", ["joblib", "pkl"])
@pytest.mark.parametrize("kind", [lightgbm.LGBMClassifier, lightgbm.LGBMRegressor, lightgbm.LGBMRanker])
def test_a_pickle_of_the_scikit_learn_api_answers_as_its_predict(
    layer: Layer, tmp_path: Path, kind: type[Any], suffix: str
) -> None:
    groups = {"group": [50, 50, 50]} if kind is lightgbm.LGBMRanker else {}
    wanted = np.array(["a", "b", "c"])[SPECIES] if kind is lightgbm.LGBMClassifier else SPECIES
    frame = pd.DataFrame(ROWS, columns=UNDERSCORED)
    model = kind(n_estimators=5, verbosity=-1).fit(frame, wanted, **groups)
    joblib.dump(model, tmp_path / f"model.{suffix}")

    assert np.array_equal(served(layer, load(layer, tmp_path)), model.predict(frame))


def test_a_model_that_was_stopped_early_answers_with_its_best_iteration(layer: Layer, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    other = Dataset(ROWS, np.where(random.random(150) < 0.3, random.integers(0, 3, 150), SPECIES))
    model = train(
        {"objective": "multiclass", "num_class": 3, "learning_rate": 0.3},
        valid_sets=[other],
        callbacks=[lightgbm.early_stopping(3, verbose=False)],
    )
    assert 0 < model.best_iteration < 12
    model.save_model(tmp_path / "model.txt")

    assert np.array_equal(served(layer, load(layer, tmp_path)), model.predict(ROWS))


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "monthly fee": random.integers(0, 3, 200) + 0.5,
            "plan": pd.Categorical(random.choice(["pro", "basic", "größer"], 200)),
            "zone": pd.Categorical(random.choice([30, 10, 20], 200)),
        }
    )
    frame.loc[3, "plan"] = np.nan
    frame.loc[4, "monthly fee"] = np.nan
    return frame


@pytest.mark.parametrize("pickled", [False, True])
def test_columns_have_the_names_and_categories_of_the_data_frame(
    layer: Layer, tmp_path: Path, customers: pd.DataFrame, *, pickled: bool
) -> None:
    wanted = customers["plan"].cat.codes * 30 + customers["zone"].astype(int) + customers["monthly fee"].fillna(0)
    model = lightgbm.LGBMRegressor(
        n_estimators=9, verbosity=-1, min_child_samples=2, min_data_per_group=1, cat_smooth=1
    )
    model.fit(customers, wanted)
    joblib.dump(model, tmp_path / "a.pkl") if pickled else model.booster_.save_model(tmp_path / "a.txt")
    loaded = load(layer, tmp_path)

    kinds = layer.columns.ColumnType
    assert layer.framework.inputs(loaded).columns == (
        layer.columns.Column("monthly_fee", kinds.FLOAT),
        layer.columns.Column("plan", kinds.STRING, ("basic", "größer", "pro")),
        layer.columns.Column("zone", kinds.INTEGER, (10, 20, 30)),
    )
    expected = model.predict(customers)
    assert len(set(expected)) > 3
    assert np.array_equal(served(layer, loaded, customers.to_numpy(dtype=object)), expected)


def test_categories_whose_columns_do_not_show_are_asked_for_by_number(
    layer: Layer, tmp_path: Path, customers: pd.DataFrame
) -> None:
    ordered = customers.assign(plan=customers["plan"].cat.as_ordered())
    model = lightgbm.train({**QUIET, "objective": "regression"}, Dataset(ordered, np.arange(200)), 5)
    model.save_model(tmp_path / "model.txt")
    loaded = load(layer, tmp_path)

    assert layer.framework.inputs(loaded).only_floats
    codes = ordered.assign(plan=ordered["plan"].cat.codes.replace(-1, np.nan), zone=ordered["zone"].cat.codes)
    assert np.array_equal(served(layer, loaded, codes.to_numpy(float)), model.predict(ordered))


def test_missing_values_go_to_the_model(layer: Layer, tmp_path: Path, iris: Booster) -> None:
    iris.save_model(tmp_path / "model.txt")
    rows = ROWS.copy()
    rows[:, 2] = np.nan

    assert np.array_equal(served(layer, load(layer, tmp_path), rows), iris.predict(rows))


def test_names_are_those_that_lightgbm_keeps(layer: Layer, iris: Booster) -> None:
    nameless = lightgbm.train({**QUIET, "objective": "regression"}, Dataset(ROWS, SPECIES), 2)

    assert layer.framework.inputs(iris).names == UNDERSCORED
    assert layer.framework.inputs(nameless) == layer.columns.Schema(width=4)
    assert layer.framework.inputs("anything") == layer.columns.Schema()


@pytest.mark.parametrize("pickled", [False, True])
def test_a_prediction_takes_the_threads_that_are_free(
    layer: Layer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, pickled: bool
) -> None:
    model = lightgbm.LGBMRegressor(n_estimators=2, verbosity=-1, n_jobs=7).fit(ROWS, SPECIES)
    joblib.dump(model, tmp_path / "a.pkl") if pickled else model.booster_.save_model(tmp_path / "a.txt")
    asked = []
    predict = Booster.predict

    def spy(self: Booster, *arguments: Any, **options: Any) -> Any:
        asked.append(options["num_threads"])
        return predict(self, *arguments, **options)

    monkeypatch.setattr(Booster, "predict", spy)
    served(layer, load(layer, tmp_path, threads=3))

    assert asked == [3]


def damaged(text: str) -> dict[str, str]:
    """Damage that ends the whole process where LightGBM reads the trees in parallel."""
    middle = text.index("Tree=3")
    return {
        "empty": "",
        "another text": "hello",
        "cut off in a tree": text[: middle + 40],
        "cut off after a tree": text[:middle],
        "a tree without its values": text[:middle] + text[middle:].replace("leaf_value=", "value=", 1),
        "a value that is none": text[:middle] + text[middle:].replace("leaf_value=", "leaf_value=x", 1),
    }


@pytest.mark.parametrize("damage", damaged("Tree=3").keys())
def test_a_damaged_model_is_named(layer: Layer, tmp_path: Path, iris: Booster, damage: str) -> None:
    text = damaged(iris.model_to_string())[damage]
    (tmp_path / "model.txt").write_text(text, encoding="utf-8")

    message = refusal(layer, tmp_path)
    assert message.startswith(f"{tmp_path / 'model.txt'} cannot be read: ")
    assert message.endswith("; is it complete, and was it written by Booster.save_model")


def test_bytes_that_are_no_text_are_named(layer: Layer, tmp_path: Path) -> None:
    (tmp_path / "model.txt").write_bytes(b"tree\nversion=v4\n\xff")

    assert "model.txt cannot be read: 'utf-8' codec" in refusal(layer, tmp_path)


def test_windows_line_ends_do_no_harm(layer: Layer, tmp_path: Path, iris: Booster) -> None:
    (tmp_path / "model.txt").write_bytes(iris.model_to_string().replace("\n", "\r\n").encode())

    assert np.array_equal(served(layer, load(layer, tmp_path)), iris.predict(ROWS))


def test_a_newer_format_is_refused(layer: Layer, tmp_path: Path, iris: Booster) -> None:
    text = iris.model_to_string().replace("version=v4", "version=v5", 1)
    (tmp_path / "model.txt").write_text(text, encoding="utf-8")

    assert refusal(layer, tmp_path) == (
        f"model.txt has format v5, newer than LightGBM {lightgbm.__version__} of this image reads: set "
        "model.framework_version in byocgen.yaml to the version that wrote it and run `byocgen sync`"
    )


def test_a_pickle_of_another_scikit_learn_is_refused(layer: Layer, tmp_path: Path) -> None:
    joblib.dump(lightgbm.LGBMClassifier(n_estimators=2, verbosity=-1).fit(ROWS, SPECIES), tmp_path / "model.pkl")
    other = "0" + sklearn.__version__[1:]
    content = (tmp_path / "model.pkl").read_bytes().replace(sklearn.__version__.encode(), other.encode())
    (tmp_path / "model.pkl").write_bytes(content)

    assert refusal(layer, tmp_path) == (
        f"model.pkl was written by scikit-learn {other}, this image has {sklearn.__version__}: set "
        f'"scikit-learn=={other}" under model.requirements in byocgen.yaml, or train the model again'
    )


def test_a_pickle_needs_scikit_learn(layer: Layer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.pkl").write_bytes(b"\x80")
    monkeypatch.setattr(layer.framework, "find_spec", lambda _name: None)

    assert "scikit-learn is not installed: add it to model.requirements" in refusal(layer, tmp_path)


def test_what_cannot_predict_is_refused(layer: Layer) -> None:
    with pytest.raises(layer.errors.StartError, match="define predict_fn in inference"):
        layer.framework.check("a text")
