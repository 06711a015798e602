"""How the server behaves as a process: it logs JSON, and on SIGTERM it finishes what it has begun."""

import signal
import socket
import time
from pathlib import Path

from conftest import Server, running


def wait_for(server: Server, event: str) -> None:
    """Wait until a line of the log has this event."""
    deadline = time.monotonic() + 30
    while not any(line.get("event") == event for line in server.log_lines()):
        assert time.monotonic() < deadline, server.log.read_text(encoding="utf-8")
        time.sleep(0.05)


def test_every_request_is_one_line_of_json(server: Server, payload: bytes) -> None:
    response = server.post(payload, **{"X-Amzn-SageMaker-Inference-Id": "order-66"})

    deadline = time.monotonic() + 30
    while not (lines := [line for line in server.log_lines() if line.get("inference_id") == "order-66"]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    expected = ("request", 200, len(payload), len(response.content))
    assert [(line["event"], line["status"], line["request_bytes"], line["response_bytes"]) for line in lines] == [
        expected
    ]


def test_sigterm_finishes_the_request_in_flight_and_exits_0(payload: bytes, tmp_path: Path) -> None:
    with running(tmp_path / "log") as server:
        head = "POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            # The request has begun, and cannot be answered before its last byte, which is sent after the signal.
            connection.sendall(f"{head}Content-Length: {len(payload)}\r\n\r\n".encode())
            assert connection.recv(1024).startswith(b"HTTP/1.1 100")
            connection.sendall(payload[:-1])
            server.process.send_signal(signal.SIGTERM)
            wait_for(server, "draining")
            connection.sendall(payload[-1:])
            assert connection.recv(1024).startswith(b"HTTP/1.1 200")

        assert server.process.wait(60) == 0
