"""A model fitted on a data frame of text and numbers, without model.inputs: what it is sent, and how it refuses."""

import json
from pathlib import Path
from typing import Any

import joblib
import pytest
from app_under_test import Assemble, Start
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, OneHotEncoder, OrdinalEncoder, RobustScaler, StandardScaler

from serving import framework
from serving.columns import ColumnType, Schema
from serving.errors import RequestError
from serving.hooks import Hooks
from serving.invocation import Invocation
from serving.predictor import Predictor
from serving.reply import Reply

pandas = pytest.importorskip("pandas")
CSV = "text/csv"
JSON = "application/json"
ADVICE = (
    "the model refused these values{}; at SM_LOG_LEVEL=debug the endpoint's log has its reason. "
    "Send the types it was fitted with, or declare the columns under model.inputs in byocgen.yaml, and each value is checked"
)


def fitted() -> Any:
    frame = pandas.DataFrame(
        {
            "tenure": [1.0, 2.0, 3.0, 4.0],
            "plan": ["basic", "pro", "pro", "basic"],
            "zip": ["08001", "12345", "12345", "08001"],
            "visits": [3, 5, 5, 3],
        }
    )
    filled = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder())
    encoders = [
        ("plan", OneHotEncoder(), ["plan"]),
        ("zip", filled, ["zip"]),
        ("visits", OrdinalEncoder(), ["visits"]),
    ]
    transformer = ColumnTransformer(encoders, remainder=StandardScaler())
    return make_pipeline(transformer, LogisticRegression()).fit(frame, [0, 1, 1, 0])


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    model = fitted()
    return Predictor(model, Hooks(), framework.inputs(model))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"instances": [{"plan": "basic", "tenure": 1.0, "zip": "08001", "visits": 3}]}', JSON),
        ('[[1.0, "basic", "08001", 3]]', JSON),
        ("1.0,basic,08001,3\n", CSV),
        ("zip,plan,visits,tenure\n08001,basic,3,1\n", CSV),
    ],
)
def test_text_and_numbers_are_predicted(predictor: Predictor, body: str, content_type: str) -> None:
    answer = predictor.answer(Invocation(body.encode(), content_type, ""))

    assert isinstance(answer, Reply)
    assert answer.body == b'{"predictions":[0]}'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('[["x", "pro", "12345", 5]]', 'instances[0][0] (tenure): expected a number, got "x"'),
        ('[[1, "none such", "12345", 5]]', ADVICE.format("")),
        ('[[null, "none such", "12345", 5]]', ADVICE.format(" (instances[0][0] (tenure) is missing)")),
        ('[[1, 2, "12345", 5]]', "instances[0][1] (plan): expected a string, got 2"),
    ],
)
def test_what_the_model_refuses_is_a_wrong_request(predictor: Predictor, body: str, message: str) -> None:
    with pytest.raises(RequestError) as refusal:
        predictor.answer(Invocation(body.encode(), JSON, ""))

    assert (refusal.value.status, refusal.value.code) == (400, "invalid_input")
    assert refusal.value.message == message
    assert (refusal.value.__cause__ is None) == message.startswith("instances")  # the log has the model's own words


@pytest.mark.parametrize(("level", "told"), [("info", False), ("debug", True)])
def test_the_models_reason_may_quote_the_request_and_is_for_debugging(
    assemble: Assemble,
    start: Start,
    tmp_path: Path,
    level: str,
    told: bool,  # noqa: FBT001
) -> None:
    joblib.dump(fitted(), tmp_path / "model.joblib")
    server = start(assemble(), tmp_path, SM_LOG_LEVEL=level)
    server.wait_until_loaded()

    assert server.post('[[1, "none such", "12345", 5]]').status_code == 400

    line = server.wait_for("request")
    assert (line["level"], line["status"]) == ("info", 400)
    assert "ValueError" in line["exception"]
    assert ("none such" in json.dumps(line)) is told


def test_another_error_of_the_model_is_the_servers() -> None:
    class Broken:
        def predict(self, _rows: Any) -> Any:
            raise KeyError

    with pytest.raises(RequestError) as refusal:
        Predictor(Broken(), Hooks(), framework.inputs(fitted())).answer(
            Invocation(b'[[1, "pro", "12345", 5]]', JSON, "")
        )

    assert refusal.value.status == 500


def test_columns_of_text_categories_are_text_and_examples_are_known_values(predictor: Predictor) -> None:
    assert isinstance(predictor.inputs, Schema)
    assert [column.type for column in predictor.inputs.columns] == [
        ColumnType.FLOAT,
        ColumnType.STRING,
        ColumnType.STRING,
        None,
    ]
    assert predictor.inputs.example() == [0.0, "basic", "08001", 3]


@pytest.mark.parametrize(
    "step", [StandardScaler(), make_pipeline(SimpleImputer(), StandardScaler()), MaxAbsScaler(), RobustScaler()]
)
def test_columns_that_a_step_computes_with_are_numbers_unless_they_may_be_booleans(step: Any) -> None:
    frame = pandas.DataFrame(
        {"income": [1000.0, 2000.0, 4000.0], "active": [True, False, True], "town": ["a", "b", "a"]}
    )
    transformer = ColumnTransformer([("numbers", step, ["income", "active"])], remainder="drop")
    model = make_pipeline(transformer, LogisticRegression()).fit(frame, [0, 1, 0])

    schema = framework.inputs(model)

    assert isinstance(schema, Schema)
    assert [column.type for column in schema.columns] == [ColumnType.FLOAT, None, None]
    answer = Predictor(model, Hooks(), schema).answer(Invocation(b'[[1000, true, "a"]]', JSON, ""))
    assert isinstance(answer, Reply)


def test_a_model_with_odd_attributes_is_described_by_its_names() -> None:
    class Odd:
        feature_names_in_ = ("a", "b")
        steps = 5

    schema = framework.inputs(Odd())
    assert isinstance(schema, Schema)
    columns = schema.columns
    assert [column.name for column in columns] == ["a", "b"]
    assert {column.type for column in columns} == {None}
