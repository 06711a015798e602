"""A server that keeps every rule, in one file of standard library: what the broken ones are made from.

Each broken server is this one with a single change. The model adds up a row. `python reference.py serve` listens on
SAGEMAKER_BIND_TO_PORT, or on 8080.
"""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NoReturn, Self

JSON, CSV, LINES, EVENTS = "application/json", "text/csv", "application/jsonlines", "text/event-stream"
LIMIT = 6_291_456
MOST_MODELS = 6


def crash() -> NoReturn:
    """End at once, as after a fault in native code."""
    os._exit(3)


class RefusedError(Exception):
    """A request that is answered with a status and a message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Handler(BaseHTTPRequestHandler):
    """One connection. Broken servers override a method or a number."""

    protocol_version = "HTTP/1.1"
    timeout = 20
    limit = LIMIT
    multi_model = os.environ.get("SAGEMAKER_MULTI_MODEL") == "true"
    models: dict[str, str] = {}  # noqa: RUF012 - one for all connections
    lock = threading.Lock()
    turn = threading.Lock()  # one stream at a time, as a model on one device makes them
    server: Server

    def do_GET(self) -> None:
        self.answer(self.get)

    def do_POST(self) -> None:
        self.answer(self.post)

    def do_DELETE(self) -> None:
        self.answer(self.delete)

    def answer(self, method: Any) -> None:
        with self.server.in_flight():
            try:
                method()
            except RefusedError as refusal:
                self.refuse(refusal.status, str(refusal))

    def refuse(self, status: int, message: str) -> None:
        self.close_connection = True
        self.reply(status, json.dumps({"error": {"message": message}}).encode())

    def reply(self, status: int, body: bytes, kind: str = JSON) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        self.refuse(code, "the request cannot be read")

    def get(self) -> None:
        if self.path == "/ping":
            self.ping()
        elif self.path == "/execution-parameters":
            self.reply(200, json.dumps(self.parameters()).encode())
        elif self.path in {"/invocations", *(f"/models/{name}/invoke" for name in self.models)}:
            raise RefusedError(405, "use POST")
        elif self.multi_model and self.path.startswith("/models"):
            self.get_models()
        else:
            raise RefusedError(404, "there is no such path")

    def ping(self) -> None:
        self.reply(200, b"")

    def parameters(self) -> dict[str, Any]:
        return {"MaxConcurrentTransforms": 1, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": 6}

    def post(self) -> None:
        body = self.body()
        if self.multi_model and self.path == "/models":
            self.load(body)
        elif self.multi_model and self.path.startswith("/models/") and self.path.endswith("/invoke"):
            if self.path.split("/")[2] not in self.models:
                raise RefusedError(404, "the model is not loaded")
            self.invoke(body)
        elif self.path == "/invocations" and not self.multi_model:
            self.invoke(body)
        else:
            raise RefusedError(404, "there is no such path")

    def body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or "Transfer-Encoding" in self.headers:
            raise RefusedError(400, "Content-Length is needed")
        if int(length) > self.limit:
            raise RefusedError(413, f"at most {self.limit} bytes")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            raise RefusedError(400, "the body is too short")
        return body

    def invoke(self, body: bytes) -> None:
        kind, accept = self.headers.get("Content-Type", ""), self.headers.get("Accept") or JSON
        wanted = next((one for one in (JSON, CSV, LINES, EVENTS) if accept in {one, "*/*"}), None)
        if wanted is None:
            raise RefusedError(406, f"ask for {JSON}, {CSV} or {LINES}")
        rows = self.decode(body, kind)
        if wanted == EVENTS or (wanted == LINES and b'"stream"' in body):
            self.stream(rows, wanted)
            return
        self.send_predictions(self.predict(rows), wanted)

    def send_predictions(self, sums: list[Any], wanted: str) -> None:
        if wanted == JSON:
            self.reply(200, json.dumps({"predictions": sums}).encode())
        else:
            self.reply(200, "".join(f"{json.dumps(one)}\n" for one in sums).encode(), wanted)

    def decode(self, body: bytes, kind: str) -> list[list[float]]:
        try:
            if kind == JSON:
                return checked(json.loads(body)["instances"])
            if kind == CSV:
                return checked([[float(cell) for cell in row] for row in csv.reader(io.StringIO(body.decode()))])
            if kind == LINES:
                return checked([json.loads(line) for line in body.splitlines()])
        except (ValueError, TypeError, KeyError, RecursionError):
            raise RefusedError(400, 'send {"instances": [[1, 2], [3, 4]]}') from None
        raise RefusedError(415, f"send {JSON}, {CSV} or {LINES}")

    def predict(self, rows: list[list[float]]) -> list[Any]:
        return [sum(row) for row in rows]

    def pieces(self, rows: list[list[float]]) -> Any:
        for _ in range(5):
            time.sleep(0.03)
            yield sum(map(sum, rows))

    def stream(self, rows: list[list[float]], wanted: str) -> None:
        with self.turn:
            self.stream_now(rows, wanted)

    def stream_now(self, rows: list[list[float]], wanted: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", wanted if wanted == EVENTS else LINES)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for piece in self.pieces(rows):
                data = (f"data: {piece}\n\n" if wanted == EVENTS else f"{piece}\n").encode()
                self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True

    def get_models(self) -> None:
        found = [{"modelName": name, "modelUrl": url} for name, url in self.models.items()]
        if self.path == "/models":
            self.reply(200, json.dumps({"models": found}).encode())
            return
        one = [entry for entry in found if self.path == f"/models/{entry['modelName']}"]
        if not one:
            raise RefusedError(404, "the model is not loaded")
        self.reply(200, json.dumps(one[0]).encode())

    def load(self, body: bytes) -> None:
        try:
            asked = json.loads(body)
            name, url = asked["model_name"], asked["url"]
        except (ValueError, TypeError, KeyError):
            raise RefusedError(400, "send model_name and url") from None
        if not name or "/" in name or ".." in name or not os.path.isdir(url):  # noqa: PTH112 - "\0" is refused too
            raise RefusedError(400, "there is no such model")
        with self.lock:
            if name in self.models:
                raise RefusedError(409, "the model is loaded")
            if len(self.models) >= MOST_MODELS:
                raise RefusedError(507, "no memory left")
            self.models[name] = url
        self.reply(200, b"{}")

    def delete(self) -> None:
        with self.lock:
            if self.models.pop(self.path.removeprefix("/models/"), None) is None:
                raise RefusedError(404, "the model is not loaded")
        self.reply(200, b"{}")

    def log_message(self, *_: object) -> None:
        say("asked")


def checked(rows: Any) -> list[list[float]]:
    """Refuse what is no list of rows of finite numbers."""
    for row in rows:
        for cell in row:
            if not isinstance(cell, int | float) or not abs(cell) < 1e308:
                raise ValueError
    if not rows or not all(isinstance(row, list) and row for row in rows):
        raise ValueError
    return list(rows)


class Server(ThreadingHTTPServer):
    """A thread for each connection; on SIGTERM what has begun is finished."""

    daemon_threads = True
    request_queue_size = 128
    exit_code = 0

    def __init__(self, address: tuple[str, int], handler: type[Handler]) -> None:
        super().__init__(address, handler)
        self._count = 0
        self._changed = threading.Condition()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        say("a client went away")

    def in_flight(self) -> Server:
        return self

    def __enter__(self) -> Self:
        with self._changed:
            self._count += 1
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def drain(self) -> NoReturn:
        self.socket.close()
        with self._changed:
            self._changed.wait_for(lambda: self._count == 0, 25)
        os._exit(self.exit_code)


def say(text: str) -> None:
    """Log a line."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def port() -> int:
    return int(os.environ.get("SAGEMAKER_BIND_TO_PORT") or 8080)


def serve(handler: type[Handler], server: type[Server] = Server, address: str = "0.0.0.0") -> None:  # noqa: S104
    """Listen until SIGTERM."""
    if sys.argv[1:] != ["serve"]:
        sys.exit(f"usage: {sys.argv[0]} serve")
    made = server((address, port()), handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=made.drain).start())
    say("listening")
    made.serve_forever(0.05)


if __name__ == "__main__":
    serve(Handler)
