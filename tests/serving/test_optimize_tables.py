"""A compiled ColumnTransformer: rows as a request has them give what scikit-learn makes of the data frame."""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn import compose, ensemble, impute, linear_model, model_selection, pipeline, preprocessing, svm
from sklearn.neighbors import KNeighborsRegressor

from conftest import LAYERS
from serving import compiled, framework
from serving.errors import RequestError
from serving.hooks import Hooks
from serving.invocation import Invocation
from serving.predictor import Predictor
from serving.reply import Reply
from serving.settings import ModelSettings

sys.path.append(str(LAYERS[1]))

from optimize import estimators, proof

RANDOM = np.random.default_rng(0)
COUNT = 150
FRAME = pd.DataFrame(
    {
        "age": np.where(RANDOM.random(COUNT) < 0.1, np.nan, RANDOM.normal(40, 10, COUNT)),
        "ratio": RANDOM.random(COUNT),
        "plan": RANDOM.choice(["basic", "plus", "pro"], COUNT),
        "region": RANDOM.choice(["n", "s", "e", "w"], COUNT),
        "size": RANDOM.choice(["s", "m", "l"], COUNT),
        "seats": RANDOM.integers(1, 9, COUNT),
    }
)
GAPS = FRAME.assign(plan=FRAME["plan"].where(RANDOM.random(COUNT) > 0.1, np.nan))
SCORE = FRAME["ratio"] * 4 + (FRAME["plan"] == "pro") * 3 + FRAME["seats"] / 3
SIDES = (SCORE > 4).map({True: "churn", False: "stays"})
piped = pipeline.make_pipeline
scaled = piped(impute.SimpleImputer(), preprocessing.StandardScaler())
one_hot = preprocessing.OneHotEncoder
numbered = preprocessing.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)


def columns(*parts: Any, **options: Any) -> Any:
    return compose.ColumnTransformer([(f"part {place}", *part) for place, part in enumerate(parts)], **options)


MODELS: dict[str, tuple[Any, Any, Any]] = {
    "scaled, one hot": (
        piped(
            columns(
                (scaled, ["age", "ratio"]),
                (one_hot(handle_unknown="ignore"), ["plan", "seats"]),
                (one_hot(drop="first"), ["region"]),
                (numbered, ["size"]),
            ),
            linear_model.LogisticRegression(),
        ),
        GAPS,
        SIDES,
    ),
    "filled and rare categories, a rest, a forest": (
        piped(
            columns(
                (piped(impute.SimpleImputer(strategy="most_frequent"), one_hot(min_frequency=40)), ["plan"]),
                (one_hot(min_frequency=40, handle_unknown="infrequent_if_exist", sparse_output=False), ["region"]),
                ("drop", ["size"]),
                remainder="passthrough",
            ),
            ensemble.RandomForestClassifier(5, random_state=0),
        ),
        GAPS,
        SIDES,
    ),
    "chosen by a search, places instead of names": (
        model_selection.GridSearchCV(
            piped(
                columns((scaled, slice(0, 2)), (numbered, [2, 3, 4])),
                preprocessing.MaxAbsScaler(),
                ensemble.RandomForestRegressor(5, random_state=0),
            ),
            {"randomforestregressor__max_depth": [3]},
            cv=2,
        ),
        GAPS.to_numpy(object),
        SCORE,
    ),
    "neighbours behind compiled columns": (
        piped(
            columns((scaled, ["age", "ratio"]), (numbered, ["plan"])),
            preprocessing.MaxAbsScaler(),
            KNeighborsRegressor(),
        ),
        GAPS,
        SCORE,
    ),
    "products and a machine behind compiled columns": (
        piped(
            columns((scaled, ["age", "ratio"]), (one_hot(handle_unknown="ignore"), ["plan", "region"])),
            preprocessing.PolynomialFeatures(2),
            svm.SVC(),
        ),
        GAPS,
        SIDES,
    ),
    "nothing but categories": (piped(one_hot(), linear_model.Ridge()), FRAME[["plan", "region"]], SCORE),
}


def compile_model(model: Any) -> tuple[compiled.Compiled, dict[str, Any], dict[str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        facts, arrays = estimators.compile_model(model)
        made = compiled.Compiled(json.loads(json.dumps(facts)), arrays, model)
        proof.prove(model, made, facts, arrays)
    return made, facts, arrays


def predict(model: Any, rows: Any, frame: Any) -> Any:
    names = tuple(getattr(frame, "columns", ()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of unknown categories
        return framework.predict(framework.to_input(model, rows, names), model, {})


@pytest.mark.parametrize("case", MODELS)
def test_a_compiled_table_answers_as_the_model_does(case: str) -> None:
    model, frame, target = MODELS[case]
    model.fit(frame, target)
    made, _, _ = compile_model(model)
    assert framework.inputs(made) == framework.inputs(model)
    rows = np.array(pd.DataFrame(frame), dtype=object)
    for count in (1, 2, len(rows)):
        one, other = predict(made, rows[:count], frame), predict(model, rows[:count], frame)
        same = np.array_equal if one.dtype.kind == "U" or one.dtype == object else np.allclose
        assert same(one, other)
    for one in (made, model):
        with pytest.raises(ValueError, match=r"expected rows of|minimum of 1 is required"):
            predict(one, rows[:0], frame)


def test_a_request_is_read_and_answered_as_with_the_model() -> None:
    model, frame, target = MODELS["scaled, one hot"]
    made, _, _ = compile_model(model.fit(frame, target))
    rows = [[40, 0.5, "pro", "n", "s", 3], [None, None, None, "e", "?", 4.0], [1, 2, "?", "w", "", 99]]
    wrong = [["a", 0.5, "pro", "n", "s", 3], [40, 0.5, 7, "n", "s", 3], [40, 0.5, "pro", "mars", "s", 3]]
    bodies = [json.dumps(body).encode() for body in (rows, *([row] for row in (*rows, *wrong)))]
    answers = [
        [answered(Predictor(one, Hooks(), framework.inputs(one)), body) for body in bodies] for one in (made, model)
    ]
    assert answers[0] == answers[1]
    assert [len(json.loads(body)["predictions"]) for body in answers[0][:4]] == [3, 1, 1, 1]
    assert [body.partition(" ")[0] for body in answers[0][4:]] == ["invalid_input"] * 3


def answered(predictor: Predictor, body: bytes) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of unknown categories
        try:
            reply = predictor.answer(Invocation(body, "application/json", ""))
        except RequestError as refusal:
            return f"{refusal.code} {refusal.message}"
    assert isinstance(reply, Reply)
    return reply.body.decode()


def test_what_an_encoder_refuses_is_refused() -> None:
    model, frame, target = MODELS["nothing but categories"]
    made, _, _ = compile_model(model.fit(frame, target))
    for refused in ("no such plan", np.nan, ""):
        with pytest.raises(ValueError, match="a category is unknown"):
            made.predict(np.array([[refused, "n"]], dtype=object))


class Rough(preprocessing.OneHotEncoder):  # type: ignore[misc]
    """A class of the user's, which may encode in any way."""


NOT_COMPILED: dict[str, tuple[Any, str]] = {
    "a function": (columns((preprocessing.FunctionTransformer(np.log1p), ["ratio"])), "FunctionTransformer"),
    "a class of the user's": (columns((Rough(), ["plan"])), "Rough"),
    "bins": (columns((preprocessing.KBinsDiscretizer(2), ["ratio"])), "KBinsDiscretizer"),
}


@pytest.mark.parametrize("case", NOT_COMPILED)
def test_what_is_not_compiled_is_named(case: str) -> None:
    step, name = NOT_COMPILED[case]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        model = piped(step, linear_model.Ridge()).fit(FRAME, SCORE)
    with pytest.raises(compiled.UnusableError, match=f"^{name} is not compiled"):
        compile_model(model)


def test_an_equal_that_knows_a_category_otherwise_is_not_used() -> None:
    model, frame, target = MODELS["nothing but categories"]
    _, facts, arrays = compile_model(model.fit(frame, target))
    pairs = facts["table"][0]["codes"][0]["values"]
    pairs[0], pairs[1] = (pairs[0][0], pairs[1][1]), (pairs[1][0], pairs[0][1])
    with pytest.raises(compiled.UnusableError, match="its answers are not the same on 2000 sample rows"):
        proof.prove(model, compiled.Compiled(facts, arrays), facts, arrays)


def test_what_is_not_compiled_is_asked_behind_the_columns(tmp_path: Path) -> None:
    model, frame, target = MODELS["neighbours behind compiled columns"]
    _, facts, arrays = compile_model(model.fit(frame, target))
    assert (facts["kind"], facts["skip"], compiled.needs_original(facts)) == ("rest", 2, True)
    joblib.dump(model, tmp_path / "model.joblib")
    facts |= {"source": compiled.digest(tmp_path / "model.joblib"), "framework_version": "1.9.1"}
    compiled.write(tmp_path / compiled.FILE, facts, arrays)
    found, why = framework.load_equal(ModelSettings("churn", "sklearn", "1.9.1", tmp_path))
    assert found is not None, why
    rows = np.array(frame, dtype=object)[:5]
    assert found.predict(rows).tolist() == predict(model, rows, frame).tolist()


def test_its_sample_rows_are_asked_again_at_start(tmp_path: Path) -> None:
    model, frame, target = MODELS["scaled, one hot"]
    _, facts, arrays = compile_model(model.fit(frame, target))
    source = tmp_path / "model.joblib"
    joblib.dump(model, source)
    facts |= {"source": compiled.digest(source), "framework_version": "1.9.1"}
    settings = ModelSettings("churn", "sklearn", "1.9.1", tmp_path)
    compiled.write(tmp_path / compiled.FILE, facts, arrays)
    found, why = framework.load_equal(settings)
    assert (type(found), why) == (compiled.Compiled, "")
    compiled.write(tmp_path / compiled.FILE, facts, arrays | {"coef": -arrays["coef"]})
    assert framework.load_equal(settings)[1].endswith("answers otherwise on this machine than where it was made")
