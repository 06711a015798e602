"""Process 1: workers that die, workers that are orphaned, the port, and what a worker is given."""

import os
import signal
import socket
from pathlib import Path

from app_under_test import ECHO, MODEL, Assemble, Start, accepts


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
    assert server.events("stopped")[0]["message"] == "5 workers died within 60 s"


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
