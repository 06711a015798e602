"""scikit-learn models: found, loaded, described, called; with names and without, with pandas and without."""

import json
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
from asking import ask
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler

from serving import framework, model_files
from serving.columns import Column, ColumnType, Schema, named
from serving.errors import StartError
from serving.hooks import Hooks
from serving.inputs import Texts
from serving.predictor import Predictor
from serving.settings import ModelSettings


def fitted() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression()).fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])


def with_names(model: Any, *names: str) -> Any:
    """Give a model the names that fitting on a data frame would."""
    model[0].feature_names_in_ = np.array(names, dtype=object)
    return model


def load(folder: Path) -> object:
    return framework.load(ModelSettings("churn", "sklearn", "1.9.1", folder))


def refusal(folder: Path) -> str:
    with pytest.raises(StartError) as error:
        load(folder)
    return str(error.value)


@pytest.mark.parametrize("name", ["model.joblib", "churn.pkl", "churn.pickle"])
def test_a_single_model_is_found_by_its_suffix(tmp_path: Path, name: str) -> None:
    joblib.dump(fitted(), tmp_path / name)
    (tmp_path / "columns.json").touch()

    assert type(load(tmp_path)).__name__ == "Pipeline"


def test_model_joblib_wins_over_others(tmp_path: Path) -> None:
    for name in ("a.pkl", "model.joblib"):
        (tmp_path / name).touch()

    assert model_files.find(tmp_path, model_files.PICKLES, [framework.FAVOURITE]).name == "model.joblib"


def test_two_models_are_one_too_many(tmp_path: Path) -> None:
    for name in ("a.pkl", "b.joblib"):
        (tmp_path / name).touch()

    assert refusal(tmp_path).startswith(
        f"no model in {tmp_path}: looked for model.joblib, or a single file that ends in"
    )


@pytest.mark.parametrize("data", [b"", b"not a pickle", b"\x80\x04\x95\xff\xff"], ids=["empty", "text", "cut off"])
def test_a_file_that_is_no_pickle(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "model.joblib").write_bytes(data)

    message = refusal(tmp_path)
    assert message.startswith(f"{tmp_path / 'model.joblib'} cannot be read: ")
    assert message.endswith("; is it complete, and was it written by joblib.dump or pickle.dump")


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("breaks", [False, True], ids=["loads with a warning", "does not even load"])
def test_a_model_of_another_version_is_refused(tmp_path: Path, protocol: int, *, breaks: bool) -> None:
    old = "0" + sklearn.__version__[1:]
    data = pickle.dumps(fitted(), protocol).replace(sklearn.__version__.encode(), old.encode())
    if breaks:  # as when a class has moved between versions
        data = data.replace(b"LogisticRegression", b"LogisticRegressioN")
    (tmp_path / "model.pkl").write_bytes(data)

    assert refusal(tmp_path) == (
        f"model.pkl was written by scikit-learn {old}, this image has {sklearn.__version__}: set model.framework_version "
        f'to "{old}" in byocgen.yaml and run `byocgen sync`, or train the model again'
    )


@pytest.mark.parametrize(
    ("pickled", "hint"),
    [
        (b"cnowhere\nThing\n.", "; packages of your own go into model.requirements of byocgen.yaml"),
        (
            b"c__main__\nMyTransformer\n.",
            "; the model uses a class of the script that trained it: move the class to inference.py and import it there",
        ),
    ],
    ids=["a package", "a class of the training script"],
)
def test_a_model_that_needs_code_the_image_lacks(tmp_path: Path, pickled: bytes, hint: str) -> None:
    (tmp_path / "model.pkl").write_bytes(pickled)

    assert refusal(tmp_path).endswith(hint)


def test_the_schema_is_what_the_model_was_fitted_on() -> None:
    assert framework.inputs(fitted()) == Schema(width=2)
    assert framework.inputs("no model") == Schema()


@pytest.mark.parametrize(("pandas", "kind"), [(True, None), (False, ColumnType.FLOAT)])
def test_columns_with_names_may_be_text_where_there_are_data_frames(
    monkeypatch: pytest.MonkeyPatch,
    kind: ColumnType | None,
    *,
    pandas: bool,
) -> None:
    monkeypatch.setattr(framework, "_has_pandas", lambda: pandas)

    expected = named((Column("a", kind, guessed=True), Column("b", kind, guessed=True)))
    assert framework.inputs(with_names(fitted(), "a", "b")) == expected


REVIEWS = ["good film", "bad film", "what a good film", "bad, bad"]


@pytest.mark.parametrize("vectorizer", [TfidfVectorizer(), CountVectorizer(), HashingVectorizer()], ids=type)
@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ('["good film", "bad"]', ["good film", "bad"]),
        ('[["good film"]]', ["good film"]),
        ('{"inputs": "good film"}', ["good film"]),
        ('{"instances": [{"text": "bad film"}]}', ["bad film"]),
    ],
)
def test_a_model_of_texts_is_given_texts(vectorizer: Any, body: str, texts: list[str]) -> None:
    model = make_pipeline(vectorizer, LogisticRegression()).fit(REVIEWS, ["+", "-", "+", "-"])

    answer = ask(Predictor(model, Hooks(), framework.inputs(model)), body)

    assert answer.status == 200, answer.text
    assert json.loads(answer.text) == {"predictions": model.predict(texts).tolist()}


def test_who_reads_texts() -> None:
    both = FeatureUnion([("words", TfidfVectorizer()), ("letters", CountVectorizer(analyzer="char"))])

    assert framework.inputs(make_pipeline(both, LogisticRegression())) == Texts()
    assert framework.inputs(make_pipeline(TfidfVectorizer(analyzer=list), LogisticRegression())) == Schema()
    assert framework.inputs(make_pipeline(TfidfVectorizer(input="filename"), LogisticRegression())) == Schema()


def test_a_model_without_names_gets_the_array() -> None:
    rows = np.array([[1.0, 2.0]])

    assert framework.to_input(fitted(), rows, ("a", "b")) is rows


def test_without_pandas_the_array_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framework, "_has_pandas", lambda: False)
    rows = np.array([[0.0, 1.0]])
    model = with_names(fitted(), "a", "b")
    framework.check(model)  # silences the warning about names, which would be an error here

    assert framework.predict(framework.to_input(model, rows, ("a", "b")), model, {}).tolist() == [0]


def test_with_pandas_a_model_with_names_gets_a_frame_with_types() -> None:
    pandas = pytest.importorskip("pandas")
    rows = np.array([[1.5, 2, "basic", True], [np.nan, 3, "pro", False]], dtype=object)

    frame = framework.to_input(with_names(fitted(), "a", "b"), rows, ("a", "b", "c", "d"))

    expected = pandas.DataFrame({"a": [1.5, None], "b": [2, 3], "c": ["basic", "pro"], "d": [True, False]})
    assert frame.equals(expected.astype({"c": frame["c"].dtype}))
    assert [str(frame[name].dtype) for name in "abd"] == ["float64", "int64", "bool"]
