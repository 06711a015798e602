"""The image as SageMaker runs it: what it answers, how it stops, and what it says when the kernel ends it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.image.container import Answer, Container, engine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Serve = Callable[..., Container]
    Inference = Callable[[str], list[str]]

ROWS = '{"instances": [[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]]}'
PREDICTED = Answer(200, '{"predictions":["setosa","virginica"]}')
SLOW = """
import time

def predict_fn(input_data, model):
    if len(input_data) == 2:  # a request of the test, not the warm-up
        print("predicting")
        time.sleep(3)
    return model.predict(input_data)
"""
GREEDY = """
def predict_fn(input_data, model):
    if len(input_data) == 1:
        return model.predict(input_data)
    hoard = []
    while True:
        hoard.append(bytearray(b"x" * (64 * 1024 * 1024)))
"""


def test_json_csv_and_what_it_does_not_accept(serve: Serve) -> None:
    running = serve().until_ready()
    assert running.ask("/invocations", ROWS, "application/json") == PREDICTED
    assert running.ask("/invocations", "5.1,3.5,1.4,0.2\n6.3,3.3,6.0,2.5", "text/csv") == PREDICTED
    assert running.ask("/invocations", ROWS, "application/x-unknown").status == 415
    assert (running.stop(), running.events()[-1]["event"]) == (0, "stopped")


def test_without_a_network_and_as_another_uid_on_the_port_that_the_platform_names(serve: Serve) -> None:
    options = ("--user", "12345:12345", "--env", "SAGEMAKER_BIND_TO_PORT=9090")
    running = serve(*options, network="none", port=9090).until_ready()
    assert running.ask("/invocations", ROWS, "application/json") == PREDICTED
    uid_and_gid = engine("exec", running.name, "python", "-c", "import os; print(os.getuid(), os.getgid())")
    assert uid_and_gid == "12345 12345\n"
    assert running.stop() == 0


def test_the_health_check_follows_the_server(serve: Serve) -> None:
    options = ("--health-interval", "1s", "--health-start-period", "0s", "--env", "SAGEMAKER_BIND_TO_PORT=9090")
    running = serve(*options, network="none", port=9090).until_ready()
    running.until_healthy()


def test_sigterm_lets_the_request_in_flight_finish(serve: Serve, inference: Inference) -> None:
    running = serve(*inference(SLOW)).until_ready()
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(running.ask, "/invocations", ROWS, "application/json")
        running.until_logged("predicting")
        assert running.stop() == 0
        assert answer.result() == PREDICTED


def test_a_kill_for_memory_is_named_in_the_logs_and_the_server_goes_on(serve: Serve, inference: Inference) -> None:
    running = serve(*inference(GREEDY)).until_ready()
    assert running.ask("/invocations", ROWS, "application/json").status != 200
    killed = running.until_logged("worker_killed")
    assert {key: killed[key] for key in ("signal", "reason", "limit_bytes")} == {
        "signal": "SIGKILL",
        "reason": "memory limit",
        "limit_bytes": 1024**3,
    }
    answer = running.until_ready().ask("/invocations", "5.1,3.5,1.4,0.2", "text/csv")
    assert answer == Answer(200, '{"predictions":["setosa"]}')


def test_a_missing_model_ends_it_with_the_reason(serve: Serve) -> None:
    running = serve("--env", "SM_MODEL_DIR=/nowhere")
    last = running.until_logged("stopped")
    assert (last["level"], "/nowhere" in last["message"]) == ("error", True)
    assert running.until_ended() == 1


def test_a_model_that_its_memory_cannot_hold_is_507_and_the_others_answer(
    serve: Serve, model: Path, tmp_path: Path
) -> None:
    huge = tmp_path / "models" / "huge" / "model"
    huge.mkdir(parents=True)
    with (huge / "model.joblib").open("wb") as file:
        file.truncate(2 * 1024**3)  # a hole: it takes no room on this disk
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    options = ["--env", "SAGEMAKER_MULTI_MODEL=true", "--volume", f"{model}:/opt/ml/models/churn/model:ro"]
    running = serve(*options, "--volume", f"{huge}:/opt/ml/models/huge/model:ro").until_ready()
    for name, status in (("churn", 200), ("huge", 507)):
        asked = json.dumps({"model_name": name, "url": f"/opt/ml/models/{name}/model"})
        assert running.ask("/models", asked, "application/json").status == status
    assert running.ask("/models/churn/invoke", ROWS, "application/json") == PREDICTED
    assert running.stop() == 0
