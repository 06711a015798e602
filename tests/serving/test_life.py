"""The life of a server: loading, busy, overloaded, draining, losing a worker, giving up. A model here is a word."""

import signal
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress

import httpx
import pytest
from app_under_test import ECHO, MODEL, Assemble, Server, Start, accepts, begin

# A file is the switch: a test decides when the model is loaded or a prediction done, and need not guess how long it takes.
WAIT = """
import pathlib, time
def wait_for(name):
    while not pathlib.Path(__file__).with_name(name).exists():
        time.sleep(0.02)
"""
SLOW_LOAD = WAIT + "def model_fn(model_dir): wait_for('loaded')\ndef predict_fn(input_data, model): return input_data\n"
SLOW = WAIT + MODEL + "def predict_fn(input_data, model):\n    wait_for('done')\n    return input_data\n"
BURN = (
    MODEL
    + """
def predict_fn(input_data, model):
    import pathlib
    done = pathlib.Path(__file__).with_name('done')
    while not done.exists():
        sum(range(20_000))
    return input_data
"""
)
ONE = {"predictions": [[1.0]]}


def post_later(pool: ThreadPoolExecutor, server: Server, body: str = "[[1]]") -> "Future[httpx.Response]":
    url = f"http://127.0.0.1:{server.port}/invocations"
    return pool.submit(httpx.post, url, content=body, timeout=60)


def test_while_the_model_loads_pings_get_503_and_requests_wait_for_it(assemble: Assemble, start: Start) -> None:
    project = assemble(SLOW_LOAD)
    server = start(project, project)
    server.until(lambda: server.ping() is not None)

    error = {"error": {"code": "model_loading", "message": "the model is being loaded; try again"}}
    with ThreadPoolExecutor() as pool:
        prediction = post_later(pool, server)
        try:
            response = server.http.get("/ping")
            assert (response.status_code, response.json(), response.headers["retry-after"]) == (503, error, "1")
            assert not prediction.done()
        finally:
            (project / "loaded").touch()
        assert prediction.result().json() == ONE


def test_a_request_waits_for_the_model_no_longer_than_its_caller(assemble: Assemble, start: Start) -> None:
    project = assemble(SLOW_LOAD, timeout_seconds=1)
    server = start(project, project)
    server.until(lambda: server.ping() is not None)

    response = server.post("[[1]]")
    message = "no prediction could start within the limit of 1 s; try again later"
    assert (response.status_code, response.json()["error"]["message"]) == (503, message)
    (project / "loaded").touch()


@pytest.mark.parametrize("inference", [SLOW, BURN], ids=["waiting", "burning CPU in Python"])
def test_ping_is_answered_while_a_prediction_runs(assemble: Assemble, start: Start, inference: str) -> None:
    project = assemble(inference)
    server = start(project, project)
    server.wait_until_loaded()

    with ThreadPoolExecutor() as pool:
        prediction = post_later(pool, server)
        try:
            for _ in range(5):
                assert server.http.get("/ping", timeout=2).status_code == 200  # 2 s is what the platform grants
            assert not prediction.done()
        finally:
            (project / "done").touch()
        assert prediction.result().json() == ONE


def test_requests_over_the_queue_are_refused_at_once(assemble: Assemble, start: Start) -> None:
    project = assemble(SLOW, queue_size=2)
    server = start(project, project)
    server.wait_until_loaded()

    with ThreadPoolExecutor(16) as pool:
        futures = [post_later(pool, server) for _ in range(8)]
        try:
            server.until(lambda: sum(future.done() for future in futures) == 5)  # one runs, two wait
        finally:
            (project / "done").touch()
        responses = [future.result() for future in futures]

    assert sorted(response.status_code for response in responses) == [200] * 3 + [503] * 5
    refused = next(response for response in responses if response.status_code == 503)
    error = {"error": {"code": "overloaded", "message": "2 requests are waiting already; try again later"}}
    assert (refused.json(), refused.headers["retry-after"]) == (error, "1")


def test_past_the_deadline_a_request_is_refused_whether_it_waits_or_runs(assemble: Assemble, start: Start) -> None:
    project = assemble(SLOW, timeout_seconds=1)
    server = start(project, project)
    server.wait_until_loaded()

    with ThreadPoolExecutor() as pool:
        futures = [post_later(pool, server) for _ in range(3)]
        try:
            responses = [future.result() for future in futures]
            # The one that ran cannot be stopped: it still holds the only thread.
            after = server.post("[[2]]")
        finally:
            (project / "done").touch()

    waited = "no prediction could start within the limit of 1 s; try again later"
    ran = "the prediction was not done within the limit of 1 s; send fewer rows, or try again later"
    assert [(response.status_code, response.headers["retry-after"]) for response in [*responses, after]] == [
        (503, "1")
    ] * 4
    assert sorted(response.json()["error"]["message"] for response in responses) == [waited, waited, ran]
    assert after.json()["error"]["message"] == waited
    server.until(lambda: server.post("[[3]]").status_code == 200)


def test_a_waiting_request_whose_client_left_is_dropped(assemble: Assemble, start: Start) -> None:
    record = "    pathlib.Path(__file__).with_name('seen').open('a').write(f'{input_data[0][0]:g} ')\n"
    project = assemble(SLOW.replace("    wait_for('done')\n", record + "    wait_for('done')\n"))
    server = start(project, project)
    server.wait_until_loaded()
    seen = project / "seen"

    with ThreadPoolExecutor() as pool:
        first = post_later(pool, server, "[[1]]")
        server.until(seen.exists)
        begin(server, b"[[2]]").close()
        last = post_later(pool, server, "[[3]]")
        server.until(lambda: server.ping() == 200)
        (project / "done").touch()
        assert (first.result().status_code, last.result().status_code) == (200, 200)

    server.until(lambda: len(server.events("request")) == 3)
    assert seen.read_text().split() == ["1", "3"]
    assert sorted(line["status"] for line in server.events("request")) == [200, 200, 499]


def test_a_client_that_leaves_amid_its_body_is_no_error_of_ours(assemble: Assemble, start: Start) -> None:
    project = assemble(ECHO)
    server = start(project, project)
    server.wait_until_loaded()

    begin(server, b"[[").close()

    line = server.wait_for("request")
    assert (line["level"], line["status"], line["error"]) == ("info", 499, "client_gone")


def test_sigterm_answers_what_is_in_flight_and_waiting_and_exits_0(assemble: Assemble, start: Start) -> None:
    project = assemble(SLOW, workers=2)
    server = start(project, project)
    server.wait_for("started", 2)

    with ExitStack() as stack:
        begun = [stack.enter_context(begin(server)) for _ in range(6)]  # one runs in each worker, the others wait
        server.process.send_signal(signal.SIGTERM)
        server.wait_for("draining")
        server.until(lambda: not accepts(server.port))
        (project / "done").touch()
        answers = [connection.makefile("rb").read() for connection in begun]

    assert [(answer[:15], answer[-23:]) for answer in answers] == [(b"HTTP/1.1 200 OK", b'{"predictions":[[1.0]]}')] * 6
    assert server.process.wait(60) == 0
    assert server.log_lines()[-1]["event"] == "stopped"


def test_sigterm_while_the_model_loads_exits_0(assemble: Assemble, start: Start) -> None:
    project = assemble(SLOW_LOAD, workers=2)
    server = start(project, project)
    server.until(lambda: server.ping() == 503)

    assert server.stop() == 0


@pytest.mark.parametrize("why", ["deadline", "second signal"])
def test_a_drain_is_cut_short(assemble: Assemble, start: Start, why: str) -> None:
    project = assemble(SLOW, drain_seconds=1 if why == "deadline" else 60)
    server = start(project, project)
    server.wait_until_loaded()

    with begin(server) as connection:
        server.process.send_signal(signal.SIGTERM)
        server.wait_for("draining")
        if why == "second signal":
            server.process.send_signal(signal.SIGINT)
        assert server.process.wait(60) == 1
        with suppress(ConnectionResetError):  # as the kernel has it
            assert connection.recv(100) == b""

    assert [line["workers"] for line in server.events("drain_cut_short")] == [1]


def test_two_threads_predict_at_one_time(assemble: Assemble, start: Start) -> None:
    meet = MODEL + "import threading\nmeeting = threading.Barrier(2)\n"
    project = assemble(
        meet + "def predict_fn(input_data, model):\n    meeting.wait(30)\n    return input_data\n", threads=2
    )
    server = start(project, project)
    server.wait_until_loaded()

    with ThreadPoolExecutor() as pool:
        futures = [post_later(pool, server) for _ in range(2)]
        assert [future.result().json() for future in futures] == [ONE, ONE]


def test_ping_keeps_up_under_many_connections(assemble: Assemble, start: Start) -> None:
    project = assemble(ECHO, queue_size=1000)
    server = start(project, project)
    server.wait_until_loaded()
    stop = threading.Event()

    def flood() -> None:
        with httpx.Client() as http:
            while not stop.is_set():
                http.post(f"http://127.0.0.1:{server.port}/invocations", content="[[1]]")

    with ThreadPoolExecutor(8) as pool:
        floods = [pool.submit(flood) for _ in range(8)]
        try:
            for _ in range(10):
                assert server.http.get("/ping", timeout=2).status_code == 200
                time.sleep(0.02)
        finally:
            stop.set()
        assert [future.result() for future in floods] == [None] * 8


POLLS = (
    "import pathlib, time\n" + MODEL + "def predict_fn(input_data, model, context):\n"
    "    pathlib.Path('begun').touch()\n"
    "    while context.still_wanted():\n"
    "        time.sleep(0.01)\n"
    "    pathlib.Path('ended').touch()\n"
    "    return input_data\n"
)


@pytest.mark.parametrize("hangs_up", [True, False])
def test_work_is_told_when_nobody_waits_any_more(assemble: Assemble, start: Start, hangs_up: bool) -> None:  # noqa: FBT001
    project = assemble(POLLS, timeout_seconds=30 if hangs_up else 1)
    server = start(project, project)
    server.wait_until_loaded()
    with begin(server) as connection:
        server.until((project / "begun").exists)
        if not hangs_up:
            assert connection.recv(100).startswith(b"HTTP/1.1 503")

    assert server.wait_for("request")["latency_ms"] < 20_000
    server.until((project / "ended").exists)
