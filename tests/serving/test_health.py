"""When /ping turns 503, and when it is 200 again."""

import json
from pathlib import Path

import joblib
import pytest
from app_under_test import ECHO, Assemble, Server, Start
from sklearn.linear_model import LogisticRegression

from serving import board
from serving.errors import RequestError, loading, unhealthy
from serving.health import FAILURES, Health

# A model of the framework's own kind, for which the example is certain; a file is the switch that breaks it.
BROKEN = """
import pathlib

class Model:
    n_features_in_ = 2
    def predict(self, rows):
        if pathlib.Path(__file__).with_name('broken').exists():
            raise RuntimeError('the GPU fell off the bus')
        return rows[:, 0]

def model_fn(model_dir):
    return Model()
"""


def message(server: Server) -> tuple[int, str]:
    """Give the status of /ping and its message."""
    response = server.http.get("/ping")
    return response.status_code, response.json()["error"]["message"] if response.content else ""


SICK = (503, "the model fails; the endpoint's log has the reason")


def test_a_model_that_fails_its_warm_up_is_not_offered_until_it_recovers(assemble: Assemble, start: Start) -> None:
    project = assemble(BROKEN)
    (project / "broken").touch()
    server = start(project, project)

    failed = server.wait_for("warm_up_failed")
    assert (failed["level"], failed["certain"]) == ("error", True)
    assert failed["exception"].splitlines()[-1] == "RuntimeError: the GPU fell off the bus"
    server.until(lambda: message(server) == SICK)
    assert server.post("[[1, 2]]").status_code == 500

    (project / "broken").unlink()
    server.until(lambda: server.ping() == 200)
    assert len(server.events("model_recovered")) == 1


def test_failures_in_a_row_make_the_model_suspect_and_one_success_clears_it(assemble: Assemble, start: Start) -> None:
    project = assemble(BROKEN, workers=2)
    server = start(project, project)
    server.wait_for("started", 2)
    assert server.ping() == 200

    (project / "broken").touch()
    for _ in range(FAILURES):
        assert server.ping() == 200
        assert server.post("[[1, 2]]").status_code == 500
    server.until(lambda: message(server) == SICK)
    # One worker is sick; the others say so, too: the platform asks any of them.
    for _ in range(10):
        with server.fresh() as http:
            assert http.get("/ping").status_code == 503

    (project / "broken").unlink()
    assert server.post("[[1, 2]]").status_code == 200
    server.until(lambda: server.ping() == 200)


def test_an_uncertain_warm_up_that_fails_is_only_logged(assemble: Assemble, start: Start, tmp_path: Path) -> None:
    joblib.dump(LogisticRegression().fit([[0.0, 0.0], [1.0, 1.0]], [0, 1]), tmp_path / "model.joblib")
    server = start(assemble("def predict_fn(input_data, model): raise RuntimeError('not this row')"), tmp_path)

    failed = server.wait_for("warm_up_failed")
    assert (failed["level"], failed["certain"]) == ("info", False)
    server.until(lambda: server.ping() == 200)


def test_bad_requests_do_not_make_the_model_suspect(assemble: Assemble, start: Start) -> None:
    project = assemble(BROKEN)
    server = start(project, project)
    server.wait_until_loaded()

    for _ in range(FAILURES * 2):
        assert server.post("nonsense").status_code == 400

    assert (server.ping(), server.events("model_suspected")) == (200, [])


def test_a_crash_loop_turns_pings_503_in_the_other_workers(assemble: Assemble, start: Start) -> None:
    # The template loads the model and one worker does; those that come later die.
    dies = ECHO.replace("return 'model'", "return claim()") + (
        "def claim():\n    import os, pathlib\n    for name in 'ab':\n        try:\n"
        "            return pathlib.Path(__file__).with_name(name).touch(exist_ok=False)\n"
        "        except FileExistsError:\n            pass\n    os._exit(7)\n"
    )
    project = assemble(THREAD + dies, workers=2)
    server = start(project, project)

    server.until(lambda: len(server.events("worker_exited")) >= 3)
    assert message(server) == (503, "workers keep dying; the endpoint's log has the reason")
    reason = "loading the model left 1 threads running (python)"
    assert [line["reason"] for line in server.events("model_not_shared")] == [reason]
    # In the end it ends the container, healthy workers and all: their requests are answered first.
    assert server.process.wait(60) == 1
    assert len(server.events("worker_exited")) == 5
    assert server.events("draining")[0]["message"].startswith("5 workers, each in the place of the last, died")


THREAD = "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n"


@pytest.fixture
def numbers() -> board.Board:
    """Two workers' numbers."""
    return board.make(2)


def test_what_ping_says(numbers: board.Board) -> None:
    slot, other = numbers.take(0), numbers.take(1)
    health = Health(numbers, slot)

    def said() -> str | None:
        try:
            health.check()
        except RequestError as error:
            return json.dumps(error.body())
        return None

    assert said() == json.dumps(loading().body())
    other.set("model_loaded", 1)  # pings are 200 there, so they may not be 503 here, where a request waits
    assert said() is None
    slot.set("model_loaded", 1)
    assert said() is None
    other.set("sick", 1)
    assert said() == json.dumps(unhealthy("the model fails").body())
    other.set("sick", 0)
    numbers.set("crash_loop", 1)
    assert said() == json.dumps(unhealthy("workers keep dying").body())


def test_connections_are_accepted_while_models_load(assemble: Assemble, start: Start) -> None:
    slow = (
        "import pathlib, time\n"
        "def model_fn(model_dir):\n"
        "    while not pathlib.Path(__file__).with_name('loaded').exists(): time.sleep(0.02)\n"
    )
    project = assemble(slow + "def predict_fn(input_data, model): return input_data\n", workers=2)
    server = start(project, project)
    server.wait_for("listening")

    server.until(lambda: server.ping() == 503)
    assert server.post("[[1]]").json()["error"]["code"] == "model_loading"
    (project / "loaded").touch()
    server.until(lambda: server.ping() == 200)
    assert server.post("[[1]]").status_code == 200
