"""Process 1: workers that die, workers that are orphaned, the port, and what a worker is given."""

import os
import signal
import socket
from pathlib import Path

import pytest
from app_under_test import ECHO, MODEL, Assemble, Start, accepts

from serving.board import Board, make
from serving.deaths import Deaths


def test_a_killed_worker_is_reported_and_replaced(assemble: Assemble, start: Start) -> None:
    project = assemble(ECHO, workers=2)
    server = start(project, project)
    server.wait_for("started", 2)
    victim = server.events("started")[0]["pid"]

    os.kill(victim, signal.SIGKILL)

    killed = server.wait_for("worker_killed")
    assert (killed["worker_pid"], killed["signal"]) == (victim, "SIGKILL")
    assert killed["reason"] == "killed from outside this container, or the host ran out of memory"
    server.wait_for("started", 3)
    assert server.post("[[1]]").json() == {"predictions": [[1.0]]}
    assert server.stop() == 0


def test_a_worker_that_keeps_dying_ends_the_container(assemble: Assemble, start: Start) -> None:
    project = assemble("import os\ndef model_fn(model_dir): os._exit(7)\n")
    server = start(project, project)

    assert server.process.wait(60) == 1
    assert [line["exit_code"] for line in server.events("worker_exited")] == [7] * 5
    problem = "5 workers, each in the place of the last, died before they had served for 60 s"
    assert server.events("stopped")[0]["message"] == problem


@pytest.fixture
def deaths() -> tuple[Deaths, Board, list[float]]:
    """The deaths of four workers, their board, and a clock to set."""
    numbers, now = make(4), [1000.0]
    return Deaths(numbers, lambda: now[0]), numbers, now


Parts = tuple[Deaths, Board, list[float]]


def test_one_place_that_keeps_no_worker_ends_the_container_whatever_the_others_do(deaths: Parts) -> None:
    known, numbers, now = deaths
    said = []
    for _ in range(5):
        known.count(2, seconds=1.0, loaded=True)
        said.append((numbers.get("crash_loop"), bool(known.verdict())))
        now[0] += 5

    assert said == [(0, False), (0, False), (1, False), (1, False), (1, True)]


def test_a_model_that_takes_long_to_load_and_never_gets_there_ends_the_container_too(deaths: Parts) -> None:
    known, numbers, now = deaths
    for _ in range(5):
        assert known.verdict() == ""
        now[0] += 300
        known.count(0, seconds=300.0, loaded=False)

    assert known.verdict().startswith("5 workers, each in the place of the last, died")
    assert numbers.get("crash_loop") == 0  # pings said that the model loads


def test_deaths_that_are_far_between_or_at_many_places_are_survived(deaths: Parts) -> None:
    known, numbers, now = deaths
    for _ in range(20):
        now[0] += 100
        known.count(0, seconds=99.0, loaded=True)
    for place in (1, 2, 3, 1, 2, 3):
        known.count(place, seconds=10.0, loaded=True)

    assert (known.verdict(), numbers.get("crash_loop"), numbers.get("worker_restarts")) == ("", 0, 26)


def test_replacements_come_later_each_time_and_a_loop_ends(deaths: Parts) -> None:
    known, numbers, now = deaths
    assert [known.count(0, seconds=0.1, loaded=True) for _ in range(4)] == [0.25, 0.5, 1.0, 2.0]
    assert [known.count(1, seconds=0.1, loaded=True) for _ in range(2)] == [4.0, 5.0]
    assert (numbers.get("crash_loop"), known.seconds_to_update()) == (1, 6)

    now[0] += 61
    known.update()

    assert (numbers.get("crash_loop"), known.seconds_to_update()) == (0, None)


def test_workers_end_when_their_supervisor_is_gone(assemble: Assemble, start: Start) -> None:
    project = assemble(ECHO)
    server = start(project, project)
    server.wait_until_loaded()

    server.process.kill()

    server.until(lambda: not accepts(server.port))


def test_the_port_is_8080_unless_the_platform_names_another(assemble: Assemble, start: Start) -> None:
    project = assemble(ECHO)
    named = start(project, project)
    assert named.wait_for("listening")["port"] == named.port

    default = start(project, project, SAGEMAKER_BIND_TO_PORT="")
    default.until(lambda: bool(default.log_lines()))
    # Another process of this machine may have 8080: then the refusal shows which port was wanted.
    first = default.log_lines()[0]
    assert first.get("port") == 8080 or "port" in first["message"]


def test_a_port_in_use_ends_the_container(assemble: Assemble, start: Start) -> None:
    project = assemble(ECHO)
    with socket.create_server(("0.0.0.0", 0)) as taken:  # noqa: S104
        port = taken.getsockname()[1]
        server = start(project, project, SAGEMAKER_BIND_TO_PORT=str(port))
        assert server.process.wait(60) == 1

    assert server.log_lines()[0]["message"] == f"port {port} cannot be opened: Address already in use"


def test_there_are_never_more_workers_than_cpus(assemble: Assemble, start: Start) -> None:
    project = assemble(ECHO, workers=4)
    server = start(project, project, SM_NUM_CPUS="1")

    listening = server.wait_for("listening")
    assert (listening["workers"], listening["workers_configured"], listening["cpus"]) == (1, 4, 1)
    assert listening["reason"] == "never more workers than CPUs: each holds a model of its own"


def test_as_many_workers_as_configured_need_no_reason(assemble: Assemble, start: Start) -> None:
    project = assemble(ECHO, workers=2)

    listening = start(project, project, SM_NUM_CPUS="2").wait_for("listening")

    assert (listening["workers"], listening["workers_configured"]) == (2, 2)
    assert not {"cpus", "reason"} & set(listening)


def test_thread_counts_and_caches_are_set_before_numpy(assemble: Assemble, start: Start, tmp_path: Path) -> None:
    inference = (
        "import os, sys\nassert 'sklearn' not in sys.modules\n"
        + MODEL
        + "def predict_fn(input_data, model): return {name: os.environ[name] for name in "
        "('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'HF_HOME', 'MPLCONFIGDIR')}\n"
    )
    project = assemble(inference, blas_threads=3)
    server = start(project, project, MKL_NUM_THREADS="2", HF_HOME=str(tmp_path))
    server.wait_until_loaded()

    assert server.post("[[1]]").json()["predictions"] == {
        "OMP_NUM_THREADS": "3",
        "OPENBLAS_NUM_THREADS": "3",
        "MKL_NUM_THREADS": "2",  # what the deployment sets stays
        "HF_HOME": str(tmp_path),
        "MPLCONFIGDIR": "/tmp/mplconfigdir",  # noqa: S108
    }
