"""XGBoost models: every format that is served answers as XGBoost itself, and what cannot be served says what to do."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.datasets import load_iris
from tests.frameworks.layer import Layer
from xgboost import Booster, DMatrix

ROWS, SPECIES = load_iris(return_X_y=True)
NAMES = ["sepal length", "sepal width", "petal length", "petal width"]
HERE = xgboost.__version__
OTHER_PATCH = "1.2.3"  # an older XGBoost, as versions are written in text


@pytest.fixture(scope="module")
def layer() -> Layer:
    return Layer("xgboost")


@pytest.fixture(scope="module")
def iris() -> Booster:
    return train({"objective": "multi:softprob", "num_class": 3})


def train(parameters: dict[str, Any], wanted: Any = SPECIES, data: Any = ROWS, **options: Any) -> Booster:
    columns = {} if isinstance(data, pd.DataFrame) else {"feature_names": NAMES}
    matrix = DMatrix(data, wanted, enable_categorical=True, **columns)
    if parameters.get("objective", "").startswith("rank"):
        matrix.set_group([50, 50, 50])
    return xgboost.train({"nthread": 1, **parameters}, matrix, 12, **options)


def load(layer: Layer, folder: Path, threads: int = 1) -> Any:
    model = layer.framework.load(layer.settings.ModelSettings("iris", "xgboost", "", folder, native_threads=threads))
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


@pytest.mark.parametrize("name", ["model.ubj", "model.json", "churn.ubj", "churn.json"])
def test_xgboosts_own_formats_answer_as_the_booster(layer: Layer, tmp_path: Path, iris: Booster, name: str) -> None:
    iris.save_model(tmp_path / name)

    assert np.array_equal(served(layer, load(layer, tmp_path)), iris.predict(DMatrix(ROWS, feature_names=NAMES)))


@pytest.mark.parametrize("format_", ["json", "ubj", "pickle"])
def test_the_name_of_sagemakers_own_container_is_known(
    layer: Layer, tmp_path: Path, iris: Booster, format_: str
) -> None:
    content = pickle.dumps(iris) if format_ == "pickle" else bytes(iris.save_raw(format_))
    (tmp_path / "xgboost-model").write_bytes(content)

    assert np.array_equal(served(layer, load(layer, tmp_path)), iris.inplace_predict(ROWS))


@pytest.mark.parametrize("booster", ["gbtree", "dart", "gblinear"])
@pytest.mark.parametrize(
    ("objective", "shape"),
    [
        ("binary:logistic", (150,)),
        ("multi:softprob", (150, 3)),
        ("multi:softmax", (150,)),
        ("reg:squarederror", (150,)),
        ("count:poisson", (150,)),
        ("rank:ndcg", (150,)),
    ],
)
def test_predictions_are_what_the_objective_says(
    layer: Layer, tmp_path: Path, objective: str, booster: str, shape: tuple[int, ...]
) -> None:
    classes = {"num_class": 3} if objective.startswith("multi") else {}
    wanted = SPECIES > 0 if objective == "binary:logistic" else SPECIES
    model = train({"objective": objective, "booster": booster, **classes}, wanted)
    model.save_model(tmp_path / "model.ubj")

    answer = served(layer, load(layer, tmp_path))

    assert answer.shape == shape
    assert np.array_equal(answer, model.predict(DMatrix(ROWS, feature_names=NAMES)))


@pytest.mark.parametrize("suffix", ["joblib", "pkl"])
@pytest.mark.parametrize("kind", [xgboost.XGBClassifier, xgboost.XGBRegressor, xgboost.XGBRanker])
def test_a_pickle_of_the_scikit_learn_api_answers_as_its_predict(
    layer: Layer, tmp_path: Path, kind: type[Any], suffix: str
) -> None:
    groups = {"group": [50, 50, 50]} if kind is xgboost.XGBRanker else {}
    model = kind(n_estimators=5).fit(ROWS, SPECIES, **groups)
    joblib.dump(model, tmp_path / f"model.{suffix}")

    assert np.array_equal(served(layer, load(layer, tmp_path)), model.predict(ROWS))


@pytest.mark.parametrize("suffix", ["ubj", "pkl"])
def test_a_model_that_was_stopped_early_answers_with_its_best_iteration(
    layer: Layer, tmp_path: Path, suffix: str
) -> None:
    model = xgboost.XGBClassifier(n_estimators=30, early_stopping_rounds=5, learning_rate=1.0)
    model.fit(ROWS[::2], SPECIES[::2], eval_set=[(ROWS[1::2], np.roll(SPECIES[1::2], 9))], verbose=False)
    assert model.best_iteration + 1 < model.get_booster().num_boosted_rounds()
    if suffix == "ubj":
        model.save_model(tmp_path / "model.ubj")
        assert np.array_equal(served(layer, load(layer, tmp_path)), model.predict_proba(ROWS))
    else:
        joblib.dump(model, tmp_path / "model.pkl")
        assert np.array_equal(served(layer, load(layer, tmp_path)), model.predict(ROWS))


@pytest.mark.parametrize("booster", ["gbtree", "dart"])
def test_columns_have_the_types_and_categories_of_the_data_frame(layer: Layer, tmp_path: Path, booster: str) -> None:
    frame = customers()
    model = train({"objective": "binary:logistic", "booster": booster}, frame["fee"] > 1, frame)
    model.save_model(tmp_path / "model.ubj")
    loaded = load(layer, tmp_path)

    kinds = layer.columns.ColumnType
    assert layer.framework.inputs(loaded).columns == (
        layer.columns.Column("plan", kinds.STRING, ("basic", "max", "pro")),
        layer.columns.Column("fee", kinds.FLOAT),
        layer.columns.Column("active", kinds.BOOLEAN),
        layer.columns.Column("zone", kinds.INTEGER, (10, 20, 30)),
    )
    rows = np.array(frame.to_numpy(), dtype=object)
    assert np.array_equal(served(layer, loaded, rows), model.predict(DMatrix(frame, enable_categorical=True)))


def customers() -> pd.DataFrame:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "plan": pd.Categorical(random.choice(["pro", "basic", "max"], 60)),
            "fee": random.integers(0, 3, 60) + 0.5,
            "active": random.random(60) > 0.5,
            "zone": pd.Categorical(random.choice([30, 10, 20], 60)),
        }
    )
    frame.loc[3, "plan"] = np.nan
    frame.loc[4, "fee"] = np.nan
    return frame


def test_categories_that_xgboost_does_not_keep_whole_are_asked_for_by_number(
    layer: Layer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    frame = pd.DataFrame({"plan": pd.Categorical(["basic", "größer", "pro"] * 50)})
    model = train({}, data=frame)
    model.save_model(tmp_path / "model.ubj")
    loaded = load(layer, tmp_path)

    (column,) = layer.framework.inputs(loaded).columns
    assert (column.name, column.type) == ("plan", layer.columns.ColumnType.FLOAT)
    assert "send each category's number" in column.hint
    (warning,) = caplog.records
    assert (warning.message, warning.__dict__["fields"]["column"]) == ("categories_unknown", "plan")
    expected = model.predict(DMatrix(frame, enable_categorical=True))[:3]
    assert np.array_equal(served(layer, loaded, [[0.0], [1.0], [2.0]]), expected)


def test_missing_values_go_to_the_model(layer: Layer, tmp_path: Path, iris: Booster) -> None:
    iris.save_model(tmp_path / "model.ubj")
    rows = ROWS.copy()
    rows[:, 2] = np.nan

    assert np.array_equal(served(layer, load(layer, tmp_path), rows), iris.predict(DMatrix(rows, feature_names=NAMES)))


def test_without_names_the_number_of_columns_is_known(layer: Layer, iris: Booster) -> None:
    nameless = xgboost.train({"nthread": 1}, DMatrix(ROWS, SPECIES), 2)

    assert layer.framework.inputs(nameless) == layer.columns.Schema(width=4)
    assert layer.framework.inputs(iris).names == tuple(NAMES)
    assert layer.framework.inputs("anything") == layer.columns.Schema()


def test_a_matrix_that_input_fn_made_is_predicted(layer: Layer, iris: Booster) -> None:
    matrix = DMatrix(ROWS)

    assert np.array_equal(layer.framework.predict(matrix, iris, {}), iris.inplace_predict(ROWS))


@pytest.mark.parametrize("pickled", [False, True])
def test_a_prediction_takes_the_threads_that_are_free(layer: Layer, tmp_path: Path, *, pickled: bool) -> None:
    model = xgboost.XGBClassifier(n_estimators=2, n_jobs=7).fit(ROWS, SPECIES)
    joblib.dump(model, tmp_path / "model.pkl") if pickled else model.save_model(tmp_path / "model.ubj")

    loaded = load(layer, tmp_path, threads=3)

    booster = loaded.get_booster() if pickled else loaded
    assert json.loads(booster.save_config())["learner"]["generic_param"]["nthread"] == "3"
    assert not pickled or loaded.n_jobs == 3


def in_text(version: str) -> bytes:
    return f'"version":[{version.replace(".", ",")}]'.encode()


def in_binary(version: str) -> bytes:
    numbers = b"".join(b"i" + bytes([int(number)]) for number in version.split("."))
    return b"version[#L" + bytes(7) + b"\x03" + numbers


@pytest.mark.parametrize(("suffix", "written"), [("json", in_text), ("ubj", in_binary)])
def test_an_older_xgboost_may_have_written_the_own_formats_a_newer_one_not(
    layer: Layer, tmp_path: Path, iris: Booster, suffix: str, written: Callable[[str], bytes]
) -> None:
    raw, path = bytes(iris.save_raw(suffix)), tmp_path / f"model.{suffix}"
    assert raw.count(written(HERE)) == 1

    path.write_bytes(raw.replace(written(HERE), written("2.1.4")))
    assert np.array_equal(served(layer, load(layer, tmp_path)), iris.inplace_predict(ROWS))

    path.write_bytes(raw.replace(written(HERE), written("99.1.0")))
    assert refusal(layer, tmp_path) == (
        f"model.{suffix} was written by XGBoost 99.1.0, this image has {HERE}, which is older: set "
        'model.framework_version to "99.1.0" in byocgen.yaml and run `byocgen sync`'
    )


def test_a_pickle_of_another_version_is_refused(layer: Layer, tmp_path: Path) -> None:
    content = pickle.dumps(xgboost.XGBClassifier(n_estimators=2).fit(ROWS, SPECIES))
    (tmp_path / "model.pkl").write_bytes(content.replace(in_binary(HERE), in_binary(OTHER_PATCH)))

    assert refusal(layer, tmp_path) == (
        f'model.pkl was written by XGBoost 1.2.3, this image has {HERE}: set model.framework_version to "1.2.3" in '
        "byocgen.yaml and run `byocgen sync`, or save it with save_model as model.ubj, which newer releases read too"
    )


def test_a_pickle_of_the_scikit_learn_api_needs_scikit_learn(
    layer: Layer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    joblib.dump(xgboost.XGBClassifier(n_estimators=2).fit(ROWS, SPECIES), tmp_path / "model.pkl")
    monkeypatch.setattr(layer.booster_files, "find_spec", lambda _name: None)

    assert refusal(layer, tmp_path).startswith("model.pkl holds a XGBClassifier, which needs scikit-learn: add it to")


@pytest.mark.parametrize("suffix", ["json", "ubj"])
@pytest.mark.parametrize("content", [b"", b"hello", b"{}", b'{"a": ', "cut off", "the other format"])
def test_a_damaged_model_is_named(
    layer: Layer, tmp_path: Path, iris: Booster, content: bytes | str, suffix: str
) -> None:
    if content == "cut off":
        content = bytes(iris.save_raw(suffix))[:-20]
    elif content == "the other format":
        content = bytes(iris.save_raw("ubj" if suffix == "json" else "json"))
    assert isinstance(content, bytes)
    (tmp_path / f"model.{suffix}").write_bytes(content)

    message = refusal(layer, tmp_path)
    assert message.startswith(f"{tmp_path / 'model'}.{suffix} cannot be read: ")
    assert message.endswith("; is it complete, and was it written by save_model as .ubj or .json")
    assert "\n" not in message


def test_own_formats_come_before_pickles_and_other_names_must_be_alone(
    layer: Layer, tmp_path: Path, iris: Booster
) -> None:
    iris.save_model(tmp_path / "a.ubj")
    (tmp_path / "b.json").write_text("{}")
    assert "found a.ubj, b.json" in refusal(layer, tmp_path)

    (tmp_path / "model.joblib").write_bytes(b"")
    iris.save_model(tmp_path / "model.json")
    assert load(layer, tmp_path).num_features() == 4


def test_what_cannot_predict_is_refused(layer: Layer) -> None:
    with pytest.raises(layer.errors.StartError, match="define predict_fn in inference"):
        layer.framework.check("a text")


@pytest.mark.parametrize(
    ("gpu", "build", "device"), [(0, True, "cuda"), (None, True, "cpu"), (0, False, "cpu"), (None, False, "cpu")]
)
def test_a_gpu_computes_where_there_are_one_and_a_build_for_it(
    layer: Layer, monkeypatch: pytest.MonkeyPatch, gpu: int | None, device: str, *, build: bool
) -> None:
    monkeypatch.setattr(layer.framework.gpus, "mine", lambda: gpu)
    monkeypatch.setattr(layer.framework.xgboost, "build_info", lambda: {"USE_CUDA": build})
    assert layer.framework.device() == device
