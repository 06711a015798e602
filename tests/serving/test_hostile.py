"""inference.py and models that are wrong: said at start in one line, or answered without a traceback."""

import pickle
from pathlib import Path

import joblib
import pytest
import sklearn
from app_under_test import Assemble, Server, Start
from sklearn.linear_model import LogisticRegression

MODEL = "def model_fn(model_dir): return 'model'\n"


def stopped(server: Server) -> str:
    """Wait for the container to give up; give the message of the one line that says why."""
    assert server.process.wait(60) == 1
    lines = server.log_lines()
    assert [line["event"] for line in lines] == ["listening", "stopped"]
    message: str = lines[-1]["message"]
    return message


def test_there_is_no_model_folder(assemble: Assemble, start: Start) -> None:
    server = start(assemble(), Path("/nonexistent"))

    expected = "there is no folder /nonexistent: the platform unpacks model.tar.gz there; elsewhere set SM_MODEL_DIR"
    assert stopped(server) == expected
    assert "exception" not in server.log_lines()[-1]


def test_a_missing_model_is_said_once_by_however_many_workers(assemble: Assemble, start: Start, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()

    assert stopped(start(assemble(workers=4), tmp_path)) == (
        f"no model in {tmp_path}: looked for model.joblib, or a single file that ends in .joblib, .pickle, .pkl; found "
        "notes.txt. Another layout needs model_fn in inference.py"
    )


def fitted() -> LogisticRegression:
    return LogisticRegression().fit([[0.0], [1.0]], [0, 1])


def test_another_scikit_learn_wrote_the_model(assemble: Assemble, start: Start, tmp_path: Path) -> None:
    old = "0" + sklearn.__version__[1:]
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(fitted()).replace(sklearn.__version__.encode(), old.encode()))
    server = start(assemble(), tmp_path)

    assert stopped(server) == (
        f"model.pkl was written by scikit-learn {old}, this image has {sklearn.__version__}: set model.framework_version "
        f'to "{old}" in byocgen.yaml and run `byocgen sync`, or train the model again'
    )
    assert "exception" not in server.log_lines()[-1]


def test_inputs_that_do_not_fit_the_model(assemble: Assemble, start: Start, tmp_path: Path) -> None:
    joblib.dump(fitted(), tmp_path / "model.joblib")
    inputs = [{"name": "a", "type": "float"}, {"name": "b", "type": "float"}]

    expected = "model.inputs in byocgen.yaml lists 2 columns; the model was fitted with 1"
    assert stopped(start(assemble(inputs=inputs), tmp_path)) == expected


WRONG = {
    "import nowhere_to_be_found": "inference.py raised ModuleNotFoundError at line 1: No module named 'nowhere_to_be_found'; "
    "packages of your own go into model.requirements of byocgen.yaml",
    "x = 1\nraise SystemExit(0)": "inference.py raised SystemExit at line 2: 0",
    "def f(:": "inference.py raised SyntaxError at line 1: invalid syntax (inference.py, line 1)",
    "def predict_fn(data): ...": "inference.py: predict_fn(data) cannot be called as predict_fn(input_data, model)",
    "async def predict_fn(data, model): ...": "inference.py: predict_fn is an async function; expected a plain one, "
    "predict_fn(input_data, model)",
    "input_fn = 3": "inference.py: input_fn is no function; expected input_fn(request_body, request_content_type)",
    "def transform_fn(model, body, content_type, accept): ...\ndef input_fn(body, content_type): ...": "inference.py defines "
    "transform_fn and input_fn: transform_fn is called alone",
    "def model_fn(model_dir): raise OSError('no weights')": "loading the model raised OSError: no weights",
    "def model_fn(model_dir): exit(0)": "loading the model raised SystemExit: 0",
}


@pytest.mark.parametrize("inference", WRONG, ids=lambda text: text.splitlines()[-1][:30])
def test_what_is_wrong_with_inference_py_is_said_at_start(
    assemble: Assemble, start: Start, tmp_path: Path, inference: str
) -> None:
    server = start(assemble(inference), tmp_path)

    assert stopped(server) == WRONG[inference]
    # A traceback where code was run that raised, and only there.
    assert ("exception" in server.log_lines()[-1]) == (" raised " in WRONG[inference])


HOOKS = """
import json, logging, os, sys, warnings

def model_fn(model_dir, context):
    return "model"

def input_fn(request_body, request_content_type):
    assert isinstance(request_body, str)
    if request_content_type != "application/json":
        raise ValueError(f"{request_content_type} is not for me")
    return json.loads(request_body)

def predict_fn(input_data, model):
    what = input_data["do"]
    if what == "raise":
        raise RuntimeError("password=hunter2")
    if what == "exit":
        sys.exit(3)
    if what == "memory":
        raise MemoryError
    if what == "log":
        logging.getLogger("mine").warning("careful: %s", "now")
        warnings.warn("too old")
        print("printed")
    return input_data.get("result")

def output_fn(prediction, accept):
    if prediction == "pair":
        return b"\\x00", "application/octet-stream"
    if prediction == "object":
        return {"not": "bytes"}
    return f"{model_name()} {prediction} {accept}"

def model_name():
    return "mine"
"""


@pytest.fixture(scope="module")
def server(assemble: Assemble, keep: Start, tmp_path_factory: pytest.TempPathFactory) -> Server:
    started = keep(assemble(HOOKS), tmp_path_factory.mktemp("model"))
    started.wait_until_loaded()
    return started


def test_all_four_functions_are_called(server: Server) -> None:
    response = server.post('{"do": "", "result": 5}', Accept="text/plain;q=0.5, text/html")

    assert (response.status_code, response.text) == (200, "mine 5 text/html")
    assert response.headers["content-type"].partition(";")[0] == "text/html"


def test_output_fn_may_name_the_content_type(server: Server) -> None:
    response = server.post('{"do": "", "result": "pair"}')

    assert (response.content, response.headers["content-type"]) == (b"\x00", "application/octet-stream")


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code", "message"),
    [
        ("{}", "text/csv", 400, "invalid_input", "text/csv is not for me"),
        ("{", "application/json", 400, "invalid_input", "Expecting property name enclosed in double quotes: "),
        (
            "3",
            "application/json",
            500,
            "prediction_failed",
            "predict_fn raised TypeError; the endpoint's log has the traceback",
        ),
        (
            '{"do": "raise"}',
            "",
            500,
            "prediction_failed",
            "predict_fn raised RuntimeError; the endpoint's log has the traceback",
        ),
        (
            '{"do": "exit"}',
            "",
            500,
            "prediction_failed",
            "predict_fn raised SystemExit; the endpoint's log has the traceback",
        ),
        ('{"do": "memory"}', "", 503, "out_of_memory", "predict_fn ran out of memory; send fewer rows a request"),
        (
            '{"do": "", "result": "object"}',
            "",
            500,
            "prediction_failed",
            "output_fn returned dict; expected bytes or str, alone or with a content type",
        ),
    ],
)
def test_what_goes_wrong_is_answered_without_its_text(  # noqa: PLR0917
    server: Server, body: str, content_type: str, status: int, code: str, message: str
) -> None:
    response = server.post(body, content_type)

    error = response.json()["error"]
    assert (response.status_code, error["code"], error["message"][: len(message)]) == (status, code, message)
    assert server.ping() == 200


def test_the_traceback_is_in_the_log_line_of_the_request(server: Server) -> None:
    server.post('{"do": "raise"}', **{"X-Amzn-SageMaker-Inference-Id": "culprit"})
    server.until(lambda: any(line.get("inference_id") == "culprit" for line in server.log_lines()))

    line = next(line for line in server.log_lines() if line.get("inference_id") == "culprit")
    assert (line["level"], line["status"], line["error"]) == ("error", 500, "prediction_failed")
    assert line["exception"].splitlines()[-1] == "RuntimeError"
    assert "inference.py" in line["exception"]
    assert "RuntimeError: password" not in line["exception"]


def test_logging_and_warnings_of_user_code_are_json(assemble: Assemble, start: Start, tmp_path: Path) -> None:
    server = start(assemble(HOOKS.replace('print("printed")', "")), tmp_path, SM_LOG_LEVEL="30")
    server.wait_until_loaded()
    server.post('{"do": "log"}')
    server.until(lambda: len(server.log_lines()) == 2)

    mine, warning = server.log_lines()  # and no line of level info
    assert (mine["level"], mine["logger"], mine["message"]) == ("warning", "mine", "careful: now")
    assert (warning["level"], warning["logger"]) == ("warning", "py.warnings")
    assert "UserWarning: too old" in warning["message"]
