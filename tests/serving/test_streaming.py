"""Answers in pieces, over HTTP: as they are made, no faster than they are read, and stopped when nobody reads."""

import json
import signal
import socket
import time
from pathlib import Path

import httpx
import pytest
from app_under_test import Assemble, Server, Start

# Each piece waits for its file, except that "free" lets them all go. What happens is written to "seen".
STREAM = """
import pathlib, time

HERE = pathlib.Path(__file__).parent

def model_fn(model_dir):
    return 'model'

def note(text):
    with (HERE / 'seen').open('a') as file:
        file.write(text + '\\n')

def predict_fn(input_data, model):
    count, fails_at = int(input_data[0][0]), int(input_data[0][1])
    return pieces(count, fails_at)

def pieces(count, fails_at):
    try:
        for number in range(count):
            while not ((HERE / 'free').exists() or (HERE / f'piece-{number}').exists()):
                time.sleep(0.01)
            if number == fails_at:
                raise RuntimeError('out of words')
            note(f'made {number}')
            yield 'x' * 1000 if count > 1000 else f'word {number}'
    finally:
        note('closed')
"""


@pytest.fixture
def project(assemble: Assemble) -> Path:
    return assemble(STREAM, stream=True, timeout_seconds=60)


@pytest.fixture
def server(project: Path, start: Start) -> Server:
    started = start(project, project)
    started.wait_until_loaded()
    return started


def seen(project: Path) -> list[str]:
    path = project / "seen"
    return path.read_text().split("\n")[:-1] if path.exists() else []


def stream(server: Server, count: int, fails_at: int = -1) -> tuple[socket.socket, bytes]:
    """Begin a stream; give the connection and the head of the answer."""
    body = json.dumps([[count, fails_at]]).encode()
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    head = b"POST /invocations HTTP/1.1\r\nHost: x\r\nAccept: application/jsonlines\r\n"
    connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(1)
    return connection, answer


def test_pieces_arrive_as_they_are_made(server: Server, project: Path) -> None:
    (project / "piece-0").touch()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=30) as http:
        headers = {"Accept": "application/jsonlines"}
        with http.stream("POST", "/invocations", content="[[3, -1]]", headers=headers) as response:
            lines = response.iter_lines()
            assert (response.status_code, response.headers["transfer-encoding"]) == (200, "chunked")
            assert json.loads(next(lines)) == "word 0"
            assert seen(project) == ["made 0"]
            assert server.ping() == 200
            (project / "free").touch()
            assert [json.loads(line) for line in lines] == ["word 1", "word 2"]

    line = server.wait_for("request")
    assert (line["status"], line["chunks"], line["response_bytes"]) == (200, 3, 27)
    assert seen(project)[-1] == "closed"


def test_a_client_that_hangs_up_stops_the_work_and_frees_the_lane(server: Server, project: Path) -> None:
    (project / "piece-0").touch()
    connection, _ = stream(server, 1000)
    connection.close()
    server.wait_for("request")
    (project / "piece-1").touch()

    server.until(lambda: "closed" in seen(project))
    assert seen(project) == ["made 0", "made 1", "closed"]
    line = server.events("request")[0]
    assert (line["status"], line["error"]) == (499, "client_gone")
    (project / "free").touch()
    assert server.post("[[2, -1]]").status_code == 200


def test_a_client_that_reads_slowly_makes_the_model_wait(server: Server, project: Path) -> None:
    (project / "free").touch()
    pieces = 50_000  # of 1000 bytes: more than any socket buffer
    connection, _ = stream(server, pieces)
    with connection:
        made = -1
        while made != (made := len(seen(project))) or made < 10:
            assert server.ping() == 200  # the worker lives on meanwhile
            time.sleep(0.3)
        assert made < pieces
        while connection.recv(1 << 20):
            if b"closed" in (project / "seen").read_bytes()[-10:]:
                break
    assert len(seen(project)) == pieces + 1


def test_a_stream_that_cannot_be_finished_in_time_is_cut(assemble: Assemble, start: Start) -> None:
    project = assemble(STREAM, stream=True, timeout_seconds=1)
    server = start(project, project)
    server.wait_until_loaded()
    (project / "piece-0").touch()

    connection, _ = stream(server, 3)
    with connection:
        rest = connection.makefile("rb").read()

    assert rest == b'9\r\n"word 0"\n\r\n'  # without the end that chunked encoding has
    line = server.wait_for("request")
    assert (line["status"], line["error"], line["chunks"]) == (503, "overloaded", 1)
    (project / "free").touch()
    server.until(lambda: seen(project)[-1] == "closed")


def test_what_fails_before_the_first_piece_has_a_status(server: Server, project: Path) -> None:
    (project / "free").touch()

    response = server.post("[[3, 0]]", Accept="application/jsonlines")

    assert (response.status_code, response.json()["error"]["code"]) == (500, "prediction_failed")
    assert seen(project) == ["closed"]


def test_sigterm_lets_a_stream_finish(server: Server, project: Path) -> None:
    (project / "piece-0").touch()
    connection, _ = stream(server, 3)
    with connection:
        server.process.send_signal(signal.SIGTERM)
        server.wait_for("draining")
        (project / "free").touch()
        rest = connection.makefile("rb").read()

    assert rest.endswith(b'"word 2"\n\r\n0\r\n\r\n')
    assert server.process.wait(60) == 0
