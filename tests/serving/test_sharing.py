"""One copy of the model for all workers, by fork; and what happens where that cannot be."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from app_under_test import ECHO, Assemble, Server, Start
from asking import limits

from serving import sharing, template

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sharing needs Linux: elsewhere each worker loads")

MIB = 1024 * 1024
FAT = 128  # MiB of model
MODEL = f"""
import os

def model_fn(model_dir):
    return bytearray(os.urandom({MIB})) * {FAT}

def predict_fn(input_data, model):
    return [model[int(input_data[0][0])], os.getpid()]
"""


def proportional_mib(pid: int) -> float:
    """Give a process's memory, shared pages divided by those who share them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def answering(server: Server) -> set[int]:
    """Give the workers that answer, from a number of fresh connections."""
    found = set()
    for _ in range(20):
        with server.fresh() as http:
            found.add(int(http.post("/invocations", content="[[7]]").json()["predictions"][1]))
    return found


def test_the_model_is_in_memory_once(assemble: Assemble, start: Start) -> None:
    project = assemble(MODEL, workers=2)
    server = start(project, project)
    server.wait_for("started", 2)
    assert answering(server) <= {line["pid"] for line in server.events("started")}

    everyone = children(server.process.pid)
    assert len(everyone) == 3  # two workers and the template, all children of process 1
    assert sum(map(proportional_mib, everyone)) < 2 * FAT  # with what Python itself takes
    assert len(server.events("model_loaded")) == 1


def test_health_waits_for_the_model_and_not_for_the_web_framework(assemble: Assemble, start: Start) -> None:
    project = assemble(ECHO, workers=2)
    app = project / "serving/app.py"
    app.write_text(
        "import pathlib, time\nwhile not pathlib.Path(__file__).with_name('go').exists():\n    time.sleep(0.02)\n"
        + app.read_text("utf-8"),
        "utf-8",
    )
    server = start(project, project)
    try:
        server.until(lambda: server.ping() == 200)
        assert len(server.events("started")) == 1
    finally:
        (project / "serving/go").touch()
    server.wait_for("started", 2)
    assert len(server.events("model_loaded")) == 1
    assert server.post("[[1]]").json() == {"predictions": [[1.0]]}
    assert server.stop() == 0


@pytest.mark.parametrize("http", ["direct", "asgi"])
def test_pings_that_come_while_the_template_ends_are_answered(assemble: Assemble, start: Start, http: str) -> None:
    """Through the application they wait for its import, and so are there when the template stops listening."""
    project = assemble(ECHO, workers=2, http=http)
    server = start(project, project)
    seen = set()
    while len(server.events("started")) < 2:
        with server.fresh() as client, suppress(httpx.TransportError):
            seen.add(client.get("/ping").status_code)
        assert server.process.poll() is None

    assert seen <= {200, 503}
    assert not [line for line in server.log_lines() if line["level"] == "error"]
    assert len(server.events("model_loaded")) == 1


def test_a_crashed_worker_comes_back_without_loading(assemble: Assemble, start: Start) -> None:
    project = assemble(ECHO, workers=2)
    server = start(project, project)
    server.wait_for("started", 2)
    victim = server.events("started")[0]["pid"]

    os.kill(victim, signal.SIGKILL)

    assert server.wait_for("worker_killed")["worker_pid"] == victim
    server.wait_for("started", 3)
    assert len(server.events("model_loaded")) == 1
    assert server.post("[[1]]").json() == {"predictions": [[1.0]]}
    assert server.stop() == 0


def test_the_template_dies_and_workers_go_on(assemble: Assemble, start: Start) -> None:
    project = assemble(ECHO, workers=2)
    server = start(project, project)
    server.wait_for("started", 2)
    workers = {line["pid"] for line in server.events("started")}
    [first] = set(children(server.process.pid)) - workers

    os.kill(first, signal.SIGKILL)
    killed = server.wait_for("worker_killed")
    assert (killed["worker_pid"], killed["template"]) == (first, True)
    assert server.ping() == 200
    assert set(children(server.process.pid)) == workers  # it is needed again when a worker dies

    os.kill(workers.pop(), signal.SIGKILL)
    server.wait_for("started", 3)
    assert len(server.events("model_loaded")) == 2
    assert server.ping() == 200
    assert server.stop() == 0


UNFIT = {
    "thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n",
    "connection": "import socket\nmine = socket.socket()\n",
}


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("thread", "loading the model left 1 threads running (python)"),
        ("connection", "loading the model opened a connection"),
    ],
)
def test_what_a_fork_would_break_is_loaded_by_each(assemble: Assemble, start: Start, what: str, reason: str) -> None:
    project = assemble(UNFIT[what] + ECHO, workers=2)
    server = start(project, project)
    server.wait_for("started", 2)

    assert [line["reason"] for line in server.events("model_not_shared")] == [reason]
    assert len(server.events("model_loaded")) == 3
    assert server.post("[[1]]").json() == {"predictions": [[1.0]]}
    assert server.stop() == 0


def test_pyarrows_allocator_keeps_no_thread(assemble: Assemble, start: Start) -> None:
    project = assemble("import pyarrow\nkept = pyarrow.array(range(1000))\n" + ECHO, workers=2)
    server = start(project, project)
    server.wait_for("started", 2)

    assert server.events("model_not_shared") == []
    assert len(server.events("model_loaded")) == 1


def test_sigterm_while_the_template_is_there_exits_0_and_leaves_nobody(assemble: Assemble, start: Start) -> None:
    project = assemble(ECHO, workers=2)
    server = start(project, project)
    server.wait_for("started", 2)
    everyone = children(server.process.pid)

    assert server.stop() == 0
    assert [pid for pid in everyone if Path(f"/proc/{pid}").exists()] == []


def test_everybody_ends_when_the_supervisor_is_gone(assemble: Assemble, start: Start) -> None:
    project = assemble(ECHO, workers=2)
    server = start(project, project)
    server.wait_for("started", 2)
    everyone = children(server.process.pid)

    server.process.kill()

    server.until(lambda: all(_is_gone(pid) for pid in everyone))


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("SHARE_BY_FORK = True", True),
        ("SHARE_BY_FORK: bool = True", True),
        ("SHARE_BY_FORK = False", False),
        ("SHARE_BY_FORK = bool(1)", False),
        ("", False),
    ],
)
def test_a_framework_says_whether_it_may_be_shared(tmp_path: Path, text: str, shares: bool) -> None:  # noqa: FBT001
    source = tmp_path / "framework.py"
    source.write_text(f"import sys\n{text}\n", encoding="utf-8")

    assert sharing.declares(source) == shares


ALONE: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "one worker": ({"workers": 1}, {}),
    "a multi-model endpoint": ({"multi_model": True}, {}),
    "libraries with threads": ({"blas_threads": 2}, {}),
    "a GPU": ({}, {"SM_NUM_GPUS": "1"}),
}


@pytest.mark.parametrize("case", ALONE)
def test_who_shares_with_nobody(tmp_path: Path, case: str) -> None:
    source = tmp_path / "framework.py"
    source.write_text("SHARE_BY_FORK = True", encoding="utf-8")
    settings, environ = ALONE[case]
    assert sharing.is_wanted(limits(workers=2), {}, source)
    assert not sharing.is_wanted(limits(**{"workers": 2, **settings}), environ, source)


def test_this_process_with_its_sockets_must_not_be_forked() -> None:
    import socket  # noqa: PLC0415 - one that is open while the template looks

    with socket.socket():
        assert template.obstacle(set())
