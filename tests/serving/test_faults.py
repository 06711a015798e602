"""Faults injected under load: a worker killed, a full /tmp, clients that vanish."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from app_under_test import ECHO, MODEL, Assemble, Server, Start, begin, free_port

SLOWISH = MODEL + "import time\ndef predict_fn(input_data, model):\n    time.sleep(0.02)\n    return input_data\n"
PING_LIMIT = 2.0  # seconds, the platform's


def test_a_worker_killed_under_load_costs_only_its_own_requests(assemble: Assemble, start: Start) -> None:
    project = assemble(SLOWISH, workers=2, queue_size=100)
    server = start(project, project)
    server.wait_for("started", 2)
    victim = server.events("started")[0]["pid"]
    stop = threading.Event()
    killed = threading.Event()

    def client() -> Counter[str]:
        seen: Counter[str] = Counter()
        while not stop.is_set():
            try:
                with server.fresh() as http:
                    seen[str(http.post("/invocations", content="[[1]]").status_code)] += 1
            except httpx.TransportError:
                seen["lost after the kill" if killed.is_set() else "lost before"] += 1
        return seen

    def pings() -> list[float]:
        times = []
        while not stop.is_set():
            began = time.monotonic()
            with server.fresh() as http:
                try:
                    answer = http.get("/ping", timeout=PING_LIMIT)
                    times.append(time.monotonic() - began)
                    assert answer.status_code == 200
                except (httpx.RemoteProtocolError, httpx.ReadError):  # it was on the worker that died
                    pass
        return times

    with ThreadPoolExecutor(7) as pool:
        clients = [pool.submit(client) for _ in range(6)]
        pinging = pool.submit(pings)
        server.until(lambda: len(server.events("request")) > 50)
        killed.set()
        os.kill(victim, signal.SIGKILL)
        server.wait_for("started", 3)
        back = server.events("started")[2]["pid"]
        server.until(lambda: any(line["pid"] == back for line in server.events("request")))
        stop.set()
        total = sum((one.result() for one in clients), Counter[str]())
        assert pinging.result()

    assert set(total) <= {"200", "lost after the kill"}
    assert total["lost after the kill"] <= 6  # at most one for each client: what was on that worker


def test_clients_that_vanish_leave_nothing_behind(assemble: Assemble, start: Start) -> None:
    project = assemble(SLOWISH)
    server = start(project, project)
    server.wait_until_loaded()
    before = descriptors(server)

    for number in range(50):
        begin(server, b"[[1]]" if number % 2 else b"[[").close()

    server.until(lambda: len(server.events("request")) == 50)
    assert {line["status"] for line in server.events("request")} <= {200, 499, 503}
    server.until(lambda: descriptors(server) <= before)
    text = server.http.get("/metrics").text
    assert "serving_requests_in_flight 1.0" in text
    assert "serving_requests_queued 0.0" in text
    assert server.post("[[1]]").status_code == 200


def descriptors(server: Server) -> int:
    return len(list(Path(f"/proc/{server.events('started')[0]['pid']}/fd").iterdir()))


def test_a_body_of_100_mb_takes_its_size_once(assemble: Assemble, start: Start) -> None:
    measure = MODEL + (
        "import resource\n"
        "def input_fn(request_body, request_content_type): return len(request_body)\n"
        "def predict_fn(input_data, model): return [input_data, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]\n"
    )
    project = assemble(measure)
    server = start(project, project, SAGEMAKER_BATCH="true", SAGEMAKER_MAX_PAYLOAD_IN_MB="100")
    server.wait_until_loaded()
    size = 100 * 1024 * 1024

    _, before = server.post(b"x", "application/octet-stream").json()["predictions"]
    length, after = server.post(b"x" * size, "application/octet-stream").json()["predictions"]

    assert length == size
    assert after - before < 130 * 1024  # KiB
    assert server.post(b"x" * (size + 1), "application/octet-stream").status_code == 413


IMAGE = "python:{}.{}-slim".format(*sys.version_info[:2])


@pytest.fixture
def tiny_tmp(docker: str, assemble: Assemble) -> list[str]:
    """The docker command, up to its options, that runs a project in this environment's packages with 64 KiB of /tmp."""
    project = assemble(ECHO, workers=2)
    for path in (project, *project.parents[:2]):
        path.chmod(0o755)
    if subprocess.run([docker, "image", "inspect", IMAGE], capture_output=True, check=False).returncode:
        pytest.skip(f"{IMAGE} is not here")
    packages = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    command = [
        docker,
        "run",
        "--rm",
        "--read-only",
        "--tmpfs",
        "/tmp:size=64k",  # noqa: S108
        "--network",
        "host",
        "--workdir",
        "/app",
    ]
    command += [
        "--volume",
        f"{project}:/app:ro",
        "--volume",
        f"{packages}:/packages:ro",
        "--env",
        "PYTHONPATH=/packages",
    ]
    return [*command, "--env", "SM_MODEL_DIR=/app", "--env", "SM_NUM_CPUS=2"]


def in_docker(docker: list[str], *options: str) -> tuple["subprocess.Popen[bytes]", str]:
    port = free_port()
    name = f"byocgen-test-{os.getpid()}-{port}"
    command = [*docker, "--name", name, "--env", f"SAGEMAKER_BIND_TO_PORT={port}", *options, IMAGE]
    process = subprocess.Popen([*command, "python", "-m", "serving", "serve"], stdout=subprocess.DEVNULL)
    return process, name


def test_a_full_tmp_stops_nothing(tiny_tmp: list[str]) -> None:
    process, name = in_docker(tiny_tmp)
    port = int(name.rpartition("-")[2])
    server = Server(process, port, Path(os.devnull))
    try:
        with server.http:
            server.until(lambda: server.ping() == 200)
            fill = ["sh", "-c", "dd if=/dev/zero of=/tmp/full bs=1k count=100; df /tmp | tail -1"]
            shown = subprocess.run(
                [tiny_tmp[0], "exec", name, *fill], capture_output=True, text=True, check=False
            ).stdout
            assert "100%" in shown
            for _ in range(20):
                assert server.post("[[1]]").status_code == 200
            assert server.http.get("/metrics").status_code == 200
    finally:
        subprocess.run([tiny_tmp[0], "rm", "--force", name], capture_output=True, check=True)
        process.wait(60)


def test_memory_that_is_nearly_gone_refuses_work_before_the_kernel_kills(
    tiny_tmp: list[str], assemble: Assemble
) -> None:
    hoard = (
        MODEL
        + "held = []\ndef predict_fn(input_data, model):\n    held.append(b'x' * 20_000_000)\n    return [len(held)]\n"
    )
    project = assemble(hoard, workers=1)
    for path in (project, *project.parents[:2]):
        path.chmod(0o755)
    command = [part if ":/app:ro" not in part else f"{project}:/app:ro" for part in tiny_tmp]
    process, name = in_docker(command, "--memory", "512m", "--memory-swap", "512m")
    server = Server(process, int(name.rpartition("-")[2]), Path(os.devnull))
    try:
        with server.http:
            server.until(lambda: server.ping() == 200)
            while (response := server.post("[[1]]")).status_code == 200:
                pass
            assert response.json()["error"]["code"] == "memory_nearly_full"
            assert (response.status_code, response.headers["retry-after"], server.ping()) == (503, "1", 200)
    finally:
        logs = subprocess.run([tiny_tmp[0], "logs", name], capture_output=True, text=True, check=False).stdout
        subprocess.run([tiny_tmp[0], "rm", "--force", name], capture_output=True, check=True)
        process.wait(60)
    assert "worker_killed" not in logs
    assert "memory_nearly_full" in logs
