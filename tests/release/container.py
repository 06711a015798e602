"""The container behind the stand-in's endpoint: it answers every invocation the same way, and notes it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar


@dataclass
class Container:
    """What it answers, and what it was asked."""

    url: str
    status: int = 200
    body: bytes = b'{"predictions": [0]}'
    asked: list[tuple[str, bytes]] = field(default_factory=list)


@contextmanager
def started() -> Iterator[Container]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    container = Container(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = type("Handler", (_Handler,), {"container": container})
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield container
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    container: ClassVar[Container]

    def log_message(self, *_args: object) -> None:
        """One line a request would bury what a failing test prints."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.container.asked.append((self.headers["Content-Type"], body))
        self.send_response(self.container.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.container.body)))
        self.end_headers()
        self.wfile.write(self.container.body)
