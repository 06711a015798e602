"""An AWS that answers what a test wants it to: for states and errors that the stand-in cannot be brought into.

Rules: answers are listed by operation; an operation's last answer repeats; an operation without one is an error of the
test. STS speaks XML, ECR and SageMaker speak JSON.
"""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs

IDENTITY = "GetCallerIdentity"


@dataclass(frozen=True)
class Answer:
    """One answer; an error has a code."""

    body: Mapping[str, Any]
    code: str = ""

    @property
    def status(self) -> int:
        return 400 if self.code else 200

    def json(self) -> bytes:
        return json.dumps({"__type": self.code, **self.body} if self.code else self.body).encode()

    def xml(self) -> bytes:
        inner = "".join(f"<{key}>{value}</{key}>" for key, value in self.body.items())
        if self.code:
            return f"<ErrorResponse><Error><Code>{self.code}</Code>{inner}</Error></ErrorResponse>".encode()
        return f"<{IDENTITY}Response><{IDENTITY}Result>{inner}</{IDENTITY}Result></{IDENTITY}Response>".encode()


ACCOUNT = Answer({"Account": "123456789012", "UserId": "AIDA", "Arn": "arn:aws:iam::123456789012:user/someone"})


@contextmanager
def started(answers: Mapping[str, Sequence[Answer]]) -> Iterator[str]:
    """The address of a server that gives these answers until the block ends."""
    left = {IDENTITY: [ACCOUNT], **{operation: list(given) for operation, given in answers.items()}}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"left": left}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    left: ClassVar[dict[str, list[Answer]]]

    def log_message(self, *_args: object) -> None:
        """One line a request would bury what a failing test prints."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        target = self.headers.get("X-Amz-Target")
        operation = target.rpartition(".")[2] if target else parse_qs(body)["Action"][0]
        answers = self.left[operation]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        content = answer.json() if target else answer.xml()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/x-amz-json-1.1" if target else "text/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
